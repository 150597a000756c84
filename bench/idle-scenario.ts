/** Idle streams of one host, in number: a stack and its clients, in a process of their own. */
import { setTimeout as wait } from 'node:timers/promises';
import type { StreamHost } from '../local/template/synthesize.ts';
import { parentPartner } from './conversation.ts';
import { EventStream } from './event-stream.ts';
import { processorSeconds, residentBytes } from './processor-time.ts';
import type { IdleResult } from './results.ts';
import { startStack } from './stack-subject.ts';
import type { Subject } from './subject.ts';

/** What the scenario is told. */
export interface IdlePlan {
  readonly host: StreamHost;
  /** Directory of the cloud assembly. */
  readonly assembly: string;
  readonly streams: number;
  readonly seconds: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** How often the processes are looked at, milliseconds. */
const sampleMs = 5000;

/** How long a client waits before it comes back, as `retry:` says by default, milliseconds. */
const againMs = 2000;

/** Clients that do nothing but come back when their streams end. */
class IdleClients {
  readonly #port: number;
  readonly #streams = new Set<EventStream>();
  #bytes = 0;
  #isOver = false;
  connects = 0;

  constructor(port: number) {
    this.#port = port;
  }

  /** Resolves with the first frame. */
  open(token: string, lastId?: string): Promise<void> {
    this.connects += 1;
    const onEnd = (): void => {
      this.#bytes += stream.bytes;
      this.#streams.delete(stream);
      void this.#again(token, stream.lastId);
    };
    const stream = new EventStream(this.#port, token, { onEvent: () => undefined, onEnd }, lastId);
    this.#streams.add(stream);
    return stream.established;
  }

  async #again(token: string, lastId: string | undefined): Promise<void> {
    await wait(againMs);
    // One that is not let in has ended, and comes back once more.
    if (!this.#isOver) await this.open(token, lastId).catch(() => undefined);
  }

  get bytes(): number {
    return [...this.#streams].reduce((sum, stream) => sum + stream.bytes, this.#bytes);
  }

  close(): void {
    this.#isOver = true;
    for (const stream of this.#streams) stream.close();
  }
}

async function run({ host, assembly, streams, seconds, environment }: IdlePlan): Promise<IdleResult> {
  const subject = await startStack(assembly, environment);
  const clients = new IdleClients(subject.port);
  try {
    for (let index = 0; index < streams; index += 1) {
      await clients.open(await subject.sign(`reader-${index}`));
    }
    clients.connects = 0;
    const before = clients.bytes;
    subject.capacity.clear();
    const processes = await watch(subject, seconds);
    const units = subject.capacity.perChange(1)['stream'] ?? { readUnits: 0, writeUnits: 0 };
    const { connects, bytes } = clients;
    return { host, streams, seconds, ...processes, ...units, connects, bytes: bytes - before };
  } finally {
    clients.close();
    await subject.close();
  }
}

type Processes = Pick<IdleResult, 'processes' | 'processorSeconds' | 'residentBytes'>;

/** Watches the processes of the host, those too that come and go meanwhile. */
async function watch(subject: Subject, seconds: number): Promise<Processes> {
  const used = new Map<number, { readonly from: number; to: number }>();
  const resident: number[] = [];
  const end = performance.now() + seconds * 1000;
  for (let isFirst = true; ; isFirst = false) {
    const pids = hostPids(subject);
    for (const pid of pids) {
      const until = processorSeconds(pid) ?? 0;
      const known = used.get(pid);
      if (known) known.to = until;
      else used.set(pid, { from: isFirst ? until : 0, to: until });
    }
    resident.push(pids.reduce((sum, pid) => sum + (residentBytes(pid) ?? 0), 0));
    const left = end - performance.now();
    if (left <= 0) {
      return {
        processes: pids.length,
        processorSeconds: [...used.values()].reduce((sum, { from, to }) => sum + to - from, 0),
        residentBytes: resident.reduce((sum, bytes) => sum + bytes) / resident.length,
      };
    }
    await wait(Math.min(left, sampleMs));
  }
}

const hostPids = (subject: Subject): readonly number[] =>
  Object.entries(subject.pids()).flatMap(([name, pid]) => (/^stream\b/.test(name) ? [pid] : []));

const parent = parentPartner();
parent.say('answer', await run(await parent.hear<IdlePlan>('plan')));
