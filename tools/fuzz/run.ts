import { Agent } from 'node:http';
import { paths } from '../../protocol/routes.ts';
import fc from 'fast-check';
import type { LocalStack } from '../../local/stack.ts';
import { Coverage } from './coverage.ts';
import { makeCursor } from './cursor.ts';
import type { KeptStream } from './kept-streams.ts';
import { brokenOff, keepStreams } from './kept-streams.ts';
import type { MemoryCurve, MemorySample } from './memory.ts';
import { readMemory } from './memory.ts';
import { adminOf, fuzzedPeople, signBriefly } from './people.ts';
import type { FuzzRequest } from './request.ts';
import { fuzzRequest } from './request.ts';
import type { FuzzAnswer, PlaceValues } from './send.ts';
import { sendFuzzed } from './send.ts';
import { makeToken } from './token.ts';
import { faultOf } from './verdict.ts';

/** Environment of the functions of a fuzzed stack: polls are seldom, because they would take most of the processor. */
export const fuzzEnvironment = { POLL_MIN_MS: '250', POLL_MAX_MS: '1000' } as const;

export interface FuzzOptions {
  readonly count: number;
  readonly seed: number;
  /** Hears now and then how many answers have come. */
  readonly onProgress?: (answered: number) => void;
}

/** A request that was not answered as it must be. */
export interface FuzzFailure {
  /** Number of the request in the run, from 0. */
  readonly index: number;
  readonly reason: string;
  readonly request: FuzzRequest;
  readonly answer: FuzzAnswer;
}

export interface FuzzReport {
  readonly count: number;
  readonly seed: number;
  readonly seconds: number;
  readonly coverage: Coverage;
  /** Why the kept streams have ended → how many. */
  readonly ends: Readonly<Record<string, number>>;
  /** The first failures, and how many there were in all. */
  readonly failures: readonly FuzzFailure[];
  readonly failed: number;
  /** Names of the functions whose process is not the one of the begin. */
  readonly crashed: readonly string[];
  readonly memory: readonly MemoryCurve[];
}

const concurrency = 64;
/** Requests that are made in one go. Making them keeps this process from serving, the issuer's keys among others. */
const batchSize = 50;
const samples = 60;
const mostFailures = 10;

/**
 * Sends random requests to every endpoint of a stack. Each must be answered, with something else than an error of the
 * server, which on a stream hides behind status 200 as `trouble`.
 * @param stack that has `fuzzEnvironment`.
 */
export async function fuzz(stack: LocalStack, { count, seed, onProgress }: FuzzOptions): Promise<FuzzReport> {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const senders = await Senders.admit(stack);
  const before = new Map([...stack.hosts].map(([name, { pids }]) => [name, pids]));
  const memory: Map<string, MemorySample>[] = [];
  const coverage = new Coverage();
  const failures: FuzzFailure[] = [];
  let failed = 0;
  const sampleEvery = Math.ceil(count / samples);
  const began = performance.now();
  let answered = 0;
  const waiting = requests(count, seed);
  const work = async (): Promise<void> => {
    for (const [index, request] of waiting) {
      const answer = await sendFuzzed(request, await senders.valuesFor(request), stack.port, agent);
      coverage.add(request, answer);
      const reason = faultOf(request, answer);
      if (reason !== undefined) {
        failed += 1;
        if (failures.length < mostFailures) failures.push({ index, reason, request, answer });
      }
      answered += 1;
      onProgress?.(answered);
      if (answered % sampleEvery === 0) memory.push(await readMemory(stack));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  const seconds = (performance.now() - began) / 1000;
  agent.destroy();
  const ends = senders.leave();
  const crashed = [...stack.hosts].filter(([name, { pids }]) =>
    before.get(name)!.some((pid) => !pids.includes(pid)),
  );
  return {
    count,
    seed,
    seconds,
    coverage,
    ends,
    failures,
    failed: failed + (ends['trouble'] ?? 0) + (ends[brokenOff] ?? 0),
    crashed: crashed.map(([name]) => name),
    memory: stack.functions.map(({ name }) => ({ name, samples: memory.map((each) => each.get(name)!) })),
  };
}

/** When a ticket has expired that nobody can use any more: its second in base 36. */
const longAgo = '100000';

/** Those whom the requests speak for, with their tokens, and the streams that some of them keep open. */
class Senders {
  readonly #stack: LocalStack;
  readonly #streams: readonly KeptStream[];
  /** By the number of the user. */
  readonly #tokens: readonly string[];
  readonly #expired: string;

  private constructor(
    stack: LocalStack,
    streams: readonly KeptStream[],
    tokens: readonly string[],
    expired: string,
  ) {
    this.#stack = stack;
    this.#streams = streams;
    this.#tokens = tokens;
    this.#expired = expired;
  }

  /** Opens the streams; that lets the stream function load the issuer's keys too, before the rush. */
  static async admit(stack: LocalStack): Promise<Senders> {
    const { issuer } = stack;
    const tokens = await Promise.all(fuzzedPeople.map((who) => issuer.sign(who)));
    const expired = await issuer.sign({ ...fuzzedPeople[0]!, expiresIn: -60 });
    return new Senders(stack, await keepStreams(stack), tokens, expired);
  }

  /** What a request gets in its places. */
  async valuesFor(request: FuzzRequest): Promise<PlaceValues> {
    const stream = this.#streams[request.stream % this.#streams.length]!;
    const good = await this.#goodToken(request, stream);
    const [whole, expired] = request.tokenIn === 'ticket' ? await this.#tickets(good) : [good, this.#expired];
    return {
      connectionId: stream.connectionId,
      user: stream.who.sub,
      cursor: makeCursor(request.cursor, stream.cursors),
      moment: new Date(Date.now() - 1000 * request.cursor.back).toISOString(),
      token: makeToken(request.token, whole, expired),
    };
  }

  /**
   * Leaves the streams.
   * @returns why they have ended so far → how many.
   */
  leave(): Record<string, number> {
    const ends: Record<string, number> = {};
    for (const stream of this.#streams) {
      stream.close();
      for (const [reason, number] of Object.entries(stream.ends)) ends[reason] = (ends[reason] ?? 0) + number;
    }
    return ends;
  }

  /** A ticket for a token, and one that has expired; whoever gets none sends the token in its place. */
  async #tickets(token: string): Promise<[good: string, expired: string]> {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${this.#stack.url}${paths.ticket}`, { method: 'POST', headers });
    const { ticket = token } = (await response.json()) as { ticket?: string };
    return [ticket, `${ticket.split('.')[0]}.${longAgo}`];
  }

  async #goodToken({ by, user, opensStream }: FuzzRequest, stream: KeptStream): Promise<string> {
    const person = by === 'admin' ? fuzzedPeople.indexOf(adminOf(stream.who)) : user % fuzzedPeople.length;
    if (opensStream)
      return signBriefly(this.#stack.issuer, by === 'keeper' ? stream.who : fuzzedPeople[person]!);
    return by === 'keeper' ? stream.token : this.#tokens[person]!;
  }
}

/** The requests of a run with their numbers; the same seed gives the same ones. */
function* requests(count: number, seed: number): Generator<[index: number, request: FuzzRequest]> {
  for (let first = 0; first < count; first += batchSize) {
    const batch = fc.sample(fuzzRequest, { seed: seed + first, numRuns: Math.min(batchSize, count - first) });
    for (const [offset, request] of batch.entries()) yield [first + offset, request];
  }
}
