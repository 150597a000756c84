import { setTimeout as wait } from 'node:timers/promises';
import { feedJitter, feedPollMs } from '../../core/awareness/feed.ts';
import { functionMemory } from '../../lib/functions/function-memory.ts';
import type { UnitLine } from '../../operate/cost/unit-lines.ts';
import { gigabyte } from '../../operate/cost/unit-lines.ts';
import type { AwsCall } from '../../local/data/aws-fault.ts';
import type { InvocationReceiver } from '../../local/functions/invocation.ts';
import type { LocalStackOptions } from '../../local/stack.ts';
import { TestStack } from './stack.ts';

/** What was counted of a stack: kind of unit → how many. */
export type Counts = Readonly<Record<string, number>>;

/** A stack of which all units are counted that AWS would bill. */
export class CountedStack {
  readonly stack: TestStack;
  readonly watch: ReadWatch;
  readonly #counts: Map<string, number>;

  private constructor(stack: TestStack, watch: ReadWatch, counts: Map<string, number>) {
    this.stack = stack;
    this.watch = watch;
    this.#counts = counts;
  }

  /** Starts a stack with these variables in the environment of its functions. */
  static async start(environment: NonNullable<LocalStackOptions['environment']>): Promise<CountedStack> {
    const counts = new Map<string, number>();
    const add = (kind: string, quantity: number): void => {
      if (quantity > 0) counts.set(kind, (counts.get(kind) ?? 0) + quantity);
    };
    let tableRole = (name: string): string => name;
    const watch = new ReadWatch();
    const stack = await TestStack.start({
      environment,
      onAwsCall: (call) => {
        watch.heard(call);
        return undefined;
      },
      onLog: ({ text }) => watch.logged(text),
      onCapacity: ({ functionName, tableName, readUnits, writeUnits }) => {
        add(`reads of ${tableRole(tableName)} by ${functionName}`, readUnits);
        add(`writes of ${tableRole(tableName)} by ${functionName}`, writeUnits);
      },
      onSocketCall: ({ method, text }) => {
        if (method !== 'POST') return undefined;
        add('messages', 1);
        add('bytes of sockets', Buffer.byteLength(text));
        return undefined;
      },
      traffic: {
        request: () => {},
        socket: () => {},
        stream: () => (bytes) => add('bytes of streams', bytes.length),
      },
    });
    const roles = new Map(Object.entries(stack.local.tables).map(([role, name]) => [name, role]));
    tableRole = (name) => roles.get(name) ?? name;
    for (const { name, process } of stack.local.functions) {
      const invoke = process.invoke.bind(process);
      process.invoke = (event, receiver) => {
        const began = performance.now();
        add(`invocations of ${name}`, 1);
        return invoke(
          event,
          whenOver(receiver, () => add(`seconds of ${name}`, (performance.now() - began) / 1000)),
        );
      };
    }
    return new CountedStack(stack, watch, counts);
  }

  /** Resolves when no function runs. */
  async idle(): Promise<void> {
    while (this.stack.local.functions.some(({ process }) => process.running > 0)) await wait(10);
  }

  /** Counts a message of a client. */
  noteSent(): void {
    this.#counts.set('messages', (this.#counts.get('messages') ?? 0) + 1);
  }

  /** What was counted since the last call. */
  take(): Counts {
    const counts = Object.fromEntries(this.#counts);
    this.#counts.clear();
    return counts;
  }
}

function whenOver(receiver: InvocationReceiver, over: () => void): InvocationReceiver {
  return {
    contentType: (type) => receiver.contentType(type),
    chunk: (bytes) => receiver.chunk(bytes),
    result: (json) => {
      over();
      receiver.result(json);
    },
    failed: (error) => {
      over();
      receiver.failed(error);
    },
    end: () => {
      over();
      receiver.end();
    },
  };
}

/** Kinds of units that a bill has and a local stack cannot count, or not as Lambda would take time. */
const uncounted = /^(?!seconds of stream$)seconds of |^(logs|minutes|requests|bytes of answers)$/;

/** The units of a model, by the kinds that are counted. */
export function countsOf(lines: readonly UnitLine[]): Counts {
  const counts = new Map<string, number>();
  for (const line of lines) {
    const { kind, quantity } = countOf(line);
    if (!uncounted.test(kind)) counts.set(kind, (counts.get(kind) ?? 0) + quantity);
  }
  return Object.fromEntries(counts);
}

function countOf({ price, by, table, quantity }: UnitLine): { kind: string; quantity: number } {
  if (price === 'reads' || price === 'writes') return { kind: `${price} of ${table} by ${by}`, quantity };
  if (price === 'invocations') return { kind: `invocations of ${by}`, quantity };
  if (price === 'compute')
    return { kind: `seconds of ${by}`, quantity: (quantity * 1024) / functionMemory[by!] };
  if (price === 'dataOut') {
    const carriers = { stream: 'streams', tasks: 'answers' } as Readonly<Record<string, string>>;
    return { kind: `bytes of ${carriers[by!] ?? 'sockets'}`, quantity: quantity * gigabyte };
  }
  return { kind: price, quantity };
}

/** How far each count of a run is from the model, as a part of the count: kind → 0.01 where the model says 1 % more. */
export function deviations(counted: Counts, model: Counts): Record<string, number> {
  const kinds = new Set([...Object.keys(counted), ...Object.keys(model)]);
  const found = [...kinds]
    .filter((kind) => !uncounted.test(kind))
    .map((kind) => [kind, (model[kind] ?? 0) / (counted[kind] ?? 0) - 1] as const);
  return Object.fromEntries(found);
}

/** How readers fared. */
export interface Watched {
  /** How long a read took, and how much longer than planned the pause before it. */
  readonly readMs: number;
  /** The longest time between two reads of one reader, the mean of all readers. */
  readonly longestGapMs: number;
  /** All sessions together. */
  readonly sessionSeconds: number;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Hears when each reader of what is said of other users reads, and how long their sessions were. These polls are the
 * control of a run: they are made by the same process, at the same time and in the same way as those of the log, but at a
 * pace that hardly varies. So they show how long a wait is over its time and a read takes on this machine.
 */
export class ReadWatch {
  readonly #reads = new Map<string, number[]>();
  #sessionSeconds = 0;

  /** A call of a function to the database. */
  heard({ functionName, operation, input }: AwsCall): void {
    if (functionName !== 'stream' || operation !== 'Query') return;
    const workspace = /"([^"]+)#said"/.exec(JSON.stringify(input))?.[1];
    if (workspace === undefined) return;
    const times = this.#reads.get(workspace) ?? [];
    this.#reads.set(workspace, times);
    times.push(performance.now());
  }

  /** A line of a function's log. */
  logged(text: string): void {
    this.#sessionSeconds += Number(/session ended.*"seconds":([\d.]+)/.exec(text)?.[1] ?? 0);
  }

  /** What was heard since the last call. */
  take(): Watched {
    const gaps = [...this.#reads.values()].map((times) =>
      times.slice(1).map((time, index) => time - times[index]!),
    );
    const readMs = mean(gaps.flat()) - ((feedJitter[0] + feedJitter[1]) / 2) * feedPollMs;
    const longestGapMs = mean(gaps.map((ofOne) => Math.max(0, ...ofOne)));
    const taken = { readMs, longestGapMs, sessionSeconds: this.#sessionSeconds };
    this.#reads.clear();
    this.#sessionSeconds = 0;
    return taken;
  }
}
