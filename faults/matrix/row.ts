import type { AwsCall } from '../../local/data/aws-fault.ts';
import type { Board, ClientOptions } from '../board/board.ts';
import type { CrowdPart } from '../crowd/crowd.ts';
import { Crowd } from '../crowd/crowd.ts';
import type { Random } from '../random.ts';
import type { Reloads } from '../board/reloads.ts';
import type { Replica } from '../board/replica.ts';
import { Medians } from '../judge/medians.ts';
import { namesWorkspace } from '../stack/workspaces.ts';
import type { Seams } from '../../local/seams.ts';
import type { FaultStack, StackProfile } from '../stack/stack.ts';
import type { StreamHost } from '../../local/template/synthesize.ts';
import type { Refusal } from '../writes/task-client.ts';

/** `short` is for every test run, `full` for a machine that has nothing else to do. */
export type Scale = 'short' | 'full';

/**
 * What every bound is given on top: a machine does other things now and then, and the matrix is no stopwatch. On one that is
 * busy all the time it is what the control says (`Control`). Milliseconds.
 */
export const allowanceMs = 5000;

/** One fault of the matrix. */
export interface Row {
  readonly name: string;
  /** Default `usual`. */
  readonly profile?: StackProfile;
  /** The hosts of streams that alone have the fault; any, when it is left out. */
  readonly hosts?: readonly StreamHost[];
  /** How the clients are of which each user has one, and those of which each has another; as `Board.open` has it. */
  readonly clients?: readonly [one: ClientOptions, other: ClientOptions];
  /** Whether the fault may make clients load everything again, and why; `none` when it is left out. */
  readonly reloads?: Reloads;
  /** How the API may refuse writes under this fault; in no way, when it is left out. */
  readonly refusals?: readonly Refusal[];
  /** Puts in a fault that comes again and again as long as changes are written; any stack takes it at any time. */
  readonly arm?: (injection: Injection) => void;
  /** Does something to the clients while changes are written, which heals by itself; any stack takes it at any time. */
  readonly strike?: (injection: Injection) => Promise<void>;
  /** What is written when there is no `run`: attempts, and in how many waves. */
  readonly writes?: readonly [attempts: number, waves: number];
  /** What happens then. What heals by itself is over when it resolves. */
  readonly run?: (injection: Injection) => Promise<void>;
}

/** Runs a row's fault, and what is written under it. */
export async function injectRow(row: Row, injection: Injection): Promise<void> {
  const { run, writes = [64, 8] } = row;
  putIn(row, injection);
  await (run?.(injection) ?? injection.writeInWaves(...writes));
}

/** Runs a row's fault while a soak writes. */
export async function disturb(row: Row, injection: Injection): Promise<void> {
  putIn(row, injection);
  await row.strike?.(injection);
}

function putIn(row: Row, injection: Injection): void {
  for (const { writer } of injection.boards) writer.allowed = row.refusals ?? [];
  row.arm?.(injection);
}

/** Whether the fault can come at any time, on the usual stack. */
export function suitsSoak({ arm, run, strike, profile }: Row): boolean {
  return strike !== undefined || (arm !== undefined && run === undefined && profile === undefined);
}

/** What a row works with. */
export class Injection {
  readonly stack: FaultStack;
  readonly seams: Seams;
  readonly random: Random;
  readonly scale: Scale;
  /** Two workspaces, in which the same task ids mean different tasks. */
  readonly boards: readonly Board[];
  /** How often the fault was injected. */
  injected = 0;
  /** Streams that lived longer than they may, in words. */
  readonly pastBound: string[] = [];
  /** Whatever else is wrong, in words. */
  readonly failures: string[] = [];
  /** What was measured, in words. */
  readonly notes: string[] = [];
  /** Times whose median has a bound. */
  readonly medians = new Medians();
  /** Further clients of the boards, which are judged with them. */
  readonly crowds: Crowd[] = [];
  readonly #began = performance.now();

  constructor(stack: FaultStack, boards: readonly Board[], random: Random, scale: Scale) {
    this.stack = stack;
    this.seams = stack.seams;
    this.boards = boards;
    this.random = random;
    this.scale = scale;
  }

  /** Opens a crowd of the first board, which begins empty, and is told of all that the board's own clients are. */
  async gather(parts: readonly CrowdPart[]): Promise<Crowd> {
    const board = this.boards[0]!;
    for (const replica of board.replicas) replica.steady();
    const crowd = await Crowd.open(this.stack, board, parts);
    this.crowds.push(crowd);
    return crowd;
  }

  /** What the control says that all times may be longer for the machine's sake, milliseconds. */
  get lagMs(): number {
    return this.stack.control.medianSince(this.#began);
  }

  /** What a bound of a single time is given on top, milliseconds. */
  get allowanceMs(): number {
    return Math.max(allowanceMs, this.stack.control.slowestSince(this.#began));
  }

  /** Waits until a client fulfils a condition, for so long and what the machine needs; false when it never does. */
  async until(replica: Replica, condition: () => boolean, boundMs: number): Promise<boolean> {
    const began = performance.now();
    // The machine may turn out to be slow while it is waited for.
    for (;;) {
      const leftMs = boundMs + this.allowanceMs - (performance.now() - began);
      if (await replica.until(condition, Math.max(0, leftMs))) return true;
      if (leftMs <= 0) return false;
    }
  }

  /** The medians that are out of their bounds, as the machine was, in words. */
  judgeMedians(): string[] {
    return this.medians.judge(this.lagMs);
  }

  /** Notes that the fault was injected. */
  inject(): void {
    this.injected += 1;
  }

  /** Writes on all boards: so many attempts altogether, at the full scale eight times as many. */
  async write(attempts: number): Promise<void> {
    const each = Math.ceil((this.scale === 'full' ? 8 * attempts : attempts) / this.boards.length);
    await Promise.all(this.boards.map(({ writer }) => writer.write(each)));
  }

  /** Writes in waves, each of which is delivered before the next: many small batches. */
  async writeInWaves(attempts: number, waves: number): Promise<void> {
    for (let wave = 0; wave < waves; wave += 1) {
      await this.write(attempts / waves);
      await this.stack.local.pump.drained();
    }
  }

  /** Waits until each client has an open stream. */
  async established(): Promise<void> {
    await Promise.all(this.boards.map((board) => board.established()));
  }

  /**
   * Waits until each client has an open stream, which it does not cut any more. A process that dies before the first byte of
   * an answer makes Lambda answer 502, after which no browser comes back.
   */
  async settled(): Promise<void> {
    for (const { replicas } of this.boards) for (const replica of replicas) replica.steady();
    await this.established();
  }

  /** Kills the process of the stream function. */
  async crashStreams(): Promise<void> {
    await this.settled();
    await this.stack.crash('stream');
  }

  /** Whether a call of a function is about one of the row's boards. */
  isOurs(call: AwsCall): boolean {
    return this.boards.some(({ workspace }) => namesWorkspace(call, workspace));
  }
}
