import type { AwsCall, AwsFault } from '../data/aws-fault.ts';
import type { AsyncFault, AsyncInvocation } from '../functions/async-invocations.ts';
import type { DeliveryFault, Seams } from '../seams.ts';
import type { SocketCall, SocketFault } from '../websocket/management.ts';

/** What a fault does at each seam of the stack, while it is on; undefined lets a call pass. */
interface Acts {
  readonly awsCall?: (call: AwsCall) => AwsFault | undefined;
  readonly socketCall?: (call: SocketCall) => SocketFault | undefined;
  readonly asyncInvocation?: (invocation: AsyncInvocation) => AsyncFault | undefined;
  readonly delivery?: DeliveryFault;
}

/** A fault that is on until it is switched off. */
export interface LastingFault {
  /** What happens. */
  readonly text: string;
  /** What an operator sees of it: metrics and alarms by their names. */
  readonly look: string;
  /** Rows of docs/FAULTS.md that inject the same. */
  readonly rows: readonly string[];
  /** @param off resolves when it is switched off. */
  readonly acts: (off: Promise<void>) => Acts;
}

const chance = (probability: number): boolean => Math.random() < probability;

const isCallOf =
  (functionName: string, operation?: string) =>
  (call: AwsCall): boolean =>
    call.functionName === functionName && (operation === undefined || call.operation === operation);

/** Faults of the matrix that can be switched on and off, by their names. */
export const lastingFaults = {
  'throttled log': {
    text: 'the events table refuses nine in ten appends',
    look: 'WriteToLog and WriteToFrame rise, PassingTrouble; longer than a minute: LateEvents',
    rows: ['throttled: …'],
    acts: () => {
      const isAppend = isCallOf('fanout', 'TransactWriteItems');
      return { awsCall: (call) => (isAppend(call) && chance(0.9) ? { kind: 'throttle' } : undefined) };
    },
  },
  'throttled streams': {
    text: 'the tables refuse four in ten reads of streams',
    look: 'PassingTrouble; streams that end in trouble and come back',
    rows: ['throttled: …', 'log unreadable for long'],
    acts: () => {
      const isOfStream = isCallOf('stream');
      return { awsCall: (call) => (isOfStream(call) && chance(0.4) ? { kind: 'throttle' } : undefined) };
    },
  },
  'throttled API': {
    text: 'the tables refuse half of the calls of the task functions',
    look: 'PassingTrouble; clients of the API get 429',
    rows: ['throttled: …'],
    acts: () => {
      const isOfTasks = isCallOf('tasks');
      return { awsCall: (call) => (isOfTasks(call) && chance(0.5) ? { kind: 'throttle' } : undefined) };
    },
  },
  'slow tables': {
    text: 'each call of a table takes up to 400 ms longer',
    look: 'WriteToLog and WriteToFrame',
    rows: ['slow tables'],
    acts: () => ({ awsCall: () => ({ kind: 'delay', milliseconds: Math.round(Math.random() * 400) }) }),
  },
  'lost connections to the tables': {
    text: 'one call in seven breaks off, before or after it has happened',
    look: 'PassingTrouble; nothing is lost or doubled',
    rows: ['lost connections'],
    acts: () => ({
      awsCall: () => (chance(0.15) ? { kind: 'drop', when: chance(0.5) ? 'before' : 'after' } : undefined),
    }),
  },
  'stopped fan-out': {
    text: 'no batch is handed to the fan-out; all wait',
    look: 'no WriteToLog at all, StoppedFanOut; events come when it is switched off',
    rows: ['retries exhausted, then redriven'],
    acts: (off) => ({
      delivery: async (records, deliver) => {
        await off;
        return deliver(records);
      },
    }),
  },
  'failing fan-out': {
    text: 'each batch fails after it was done, as when its answer is lost',
    look: 'LateEvents; clients hear in time, and nothing twice',
    rows: ['duplicate batches', 'retries exhausted, then redriven'],
    acts: () => ({
      delivery: async (records, deliver) => {
        await deliver(records);
        throw new Error('the answer of the fan-out was lost');
      },
    }),
  },
  'doubled batches': {
    text: 'each batch is delivered twice',
    look: 'nothing: the log drops what it knows',
    rows: ['duplicate batches'],
    acts: () => ({
      delivery: async (records, deliver) => {
        await deliver(records);
        return deliver(records);
      },
    }),
  },
  'lost pushes': {
    text: 'three in ten pushes to WebSockets are said to have arrived and have not',
    look: 'ResumesComplete of websocket: clients see the gap and ask',
    rows: ['pushes lost'],
    acts: () => ({
      socketCall: ({ functionName, method }) =>
        functionName === 'push' && method === 'POST' && chance(0.3) ? { kind: 'lose' } : undefined,
    }),
  },
  'refused pushes': {
    text: 'all pushes to WebSockets are refused for load',
    look: 'PassingTrouble of push; clients find out by their next ping',
    rows: ['pushes refused for load'],
    acts: () => ({
      socketCall: ({ functionName }) => (functionName === 'push' ? { kind: 'limit' } : undefined),
    }),
  },
  'lost orders to push': {
    text: 'the function that pushes is never invoked',
    look: 'no Events of push; clients find out by their next ping',
    rows: ['orders to push lost and doubled'],
    acts: () => ({
      asyncInvocation: ({ functionName }) => (functionName === 'push' ? { kind: 'lose' } : undefined),
    }),
  },
} as const satisfies Readonly<Record<string, LastingFault>>;

export type LastingFaultName = keyof typeof lastingFaults;

/** A fault that is on. */
interface On {
  readonly acts: Acts;
  readonly off: () => void;
}

/** The lasting faults that are on, put into the seams of a running stack. */
export class FaultSwitches {
  readonly #seams: Seams;
  readonly #on = new Map<LastingFaultName, On>();
  readonly #injected = new Map<LastingFaultName, number>();

  constructor(seams: Seams) {
    this.#seams = seams;
  }

  isOn(name: LastingFaultName): boolean {
    return this.#on.has(name);
  }

  /** How often one has happened since the start. */
  injected(name: LastingFaultName): number {
    return this.#injected.get(name) ?? 0;
  }

  /** Switches one on or off; nothing happens where it is already. */
  set(name: LastingFaultName, isOn: boolean): void {
    if (isOn === this.isOn(name)) return;
    if (isOn) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#on.set(name, { acts: lastingFaults[name].acts(promise), off: resolve });
    } else {
      this.#on.get(name)!.off();
      this.#on.delete(name);
    }
    this.#arm();
  }

  /** All that are on, together: of two that meet a call, the one that was switched on first acts. */
  #arm(): void {
    this.#seams.awsCall = this.#firstOf(({ awsCall }) => awsCall);
    this.#seams.socketCall = this.#firstOf(({ socketCall }) => socketCall);
    this.#seams.asyncInvocation = this.#firstOf(({ asyncInvocation }) => asyncInvocation);
    const [name, delivering] = [...this.#on].find(([, { acts }]) => acts.delivery) ?? [];
    this.#seams.delivery =
      name &&
      ((records, deliver) => {
        this.#count(name);
        return delivering!.acts.delivery!(records, deliver);
      });
  }

  /** Asks one after the other, until one has a fault; undefined where there is nobody to ask. */
  #firstOf<Call, Fault>(
    actOf: (acts: Acts) => ((call: Call) => Fault | undefined) | undefined,
  ): ((call: Call) => Fault | undefined) | undefined {
    const asked = [...this.#on].flatMap(([name, { acts }]) => {
      const act = actOf(acts);
      return act === undefined ? [] : [{ name, act }];
    });
    if (asked.length === 0) return undefined;
    return (call) => {
      for (const { name, act } of asked) {
        const fault = act(call);
        if (fault === undefined) continue;
        this.#count(name);
        return fault;
      }
      return undefined;
    };
  }

  #count(name: LastingFaultName): void {
    this.#injected.set(name, this.injected(name) + 1);
  }
}
