import { Agent } from 'node:http';
import fc from 'fast-check';
import type { LocalStack } from '../../local/stack.ts';
import type { MemoryCurve, MemorySample } from './memory.ts';
import { readMemory } from './memory.ts';
import type { FuzzRequest } from './request.ts';
import { fuzzRequest } from './request.ts';
import type { FuzzAnswer } from './send.ts';
import { sendFuzzed } from './send.ts';
import type { TokenPool } from './token.ts';
import { makeToken } from './token.ts';

/**
 * Environment of the functions of a fuzzed stack: a stream that is let in ends within a second, and polls seldom, because
 * polls would take most of the processor.
 */
export const fuzzEnvironment = { SESSION_SECONDS: '1', POLL_MIN_MS: '250', POLL_MAX_MS: '1000' } as const;

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
  /** Status → how many answers. */
  readonly statuses: Readonly<Record<string, number>>;
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
const users = 24;
const workspaces = 12;

/**
 * Sends random requests to every endpoint of a stack. Each must be answered, with something else than an error of the
 * server, which on a stream hides behind status 200 as `trouble`.
 *
 * @param stack - that has `fuzzEnvironment`
 */
export async function fuzz(stack: LocalStack, { count, seed, onProgress }: FuzzOptions): Promise<FuzzReport> {
  const pool = await signTokens(stack);
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  await warmUp(stack, pool);
  const pids = stack.functions.map(({ process }) => process.pid);
  const memory: Map<string, MemorySample>[] = [];
  const statuses: Record<string, number> = {};
  const failures: FuzzFailure[] = [];
  let failed = 0;
  const sampleEvery = Math.ceil(count / samples);
  const began = performance.now();
  let answered = 0;
  const waiting = requests(count, seed);
  const work = async (): Promise<void> => {
    for (const [index, request] of waiting) {
      const token = makeToken(request.token, request.user, pool);
      const answer = await sendFuzzed(request, token, stack.port, agent);
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
      const reason = faultOf(answer);
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
  agent.destroy();
  const crashed = stack.functions.filter(({ process }, index) => process.pid !== pids[index]);
  return {
    count,
    seed,
    seconds: (performance.now() - began) / 1000,
    statuses,
    failures,
    failed,
    crashed: crashed.map(({ name }) => name),
    memory: stack.functions.map(({ name }) => ({ name, samples: memory.map((each) => each.get(name)!) })),
  };
}

/** Lets the stream function load the issuer's keys, as the others have done already, before the rush. */
async function warmUp({ url }: LocalStack, { good: [token = ''] }: TokenPool): Promise<void> {
  const response = await fetch(`${url}/sse/connect`, { headers: { authorization: `Bearer ${token}` } });
  await response.text();
}

/** The requests of a run with their numbers; the same seed gives the same ones. */
function* requests(count: number, seed: number): Generator<[index: number, request: FuzzRequest]> {
  for (let first = 0; first < count; first += batchSize) {
    const batch = fc.sample(fuzzRequest, { seed: seed + first, numRuns: Math.min(batchSize, count - first) });
    for (const [offset, request] of batch.entries()) yield [first + offset, request];
  }
}

/** What is wrong with an answer. */
function faultOf({ status, text, failure }: FuzzAnswer): string | undefined {
  if (failure !== undefined) return failure;
  if (status >= 500) return `status ${status}`;
  return /"reason":"trouble"/.test(text) ? 'trouble on the stream' : undefined;
}

async function signTokens({ issuer }: LocalStack): Promise<TokenPool> {
  const whom = Array.from({ length: users }, (_, number) => ({
    sub: number % 4 === 3 ? `a#b%${number}` : `user-${number}`,
    workspace: `fuzz-${number % workspaces}`,
    admin: number % 3 === 0,
  }));
  return {
    good: await Promise.all(whom.map((who) => issuer.sign(who))),
    expired: await issuer.sign({ sub: 'user-0', expiresIn: -60 }),
  };
}
