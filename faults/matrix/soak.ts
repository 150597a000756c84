import { setTimeout as wait } from 'node:timers/promises';
import { Board } from '../board/board.ts';
import { fillCache } from '../stack/fill-cache.ts';
import { expectNothingRuns } from '../judge/leftovers.ts';
import type { RowResult } from './matrix.ts';
import { drain, provesNothing } from './matrix.ts';
import { MemoryCurve } from '../judge/memory.ts';
import { Random } from '../random.ts';
import type { Row } from './row.ts';
import { disturb, Injection, suitsSoak } from './row.ts';
import { FaultStack } from '../stack/stack.ts';
import { judgeInjection, noOutcome } from './tally.ts';

/** How much of everything there is. */
export interface SoakSize {
  /** How often eight streams each board has. */
  readonly pairsPerBoard: readonly number[];
  /** How long one fault lasts, seconds. */
  readonly windowSeconds: readonly [number, number];
  /** Changes that fill what the stream function remembers of the log. */
  readonly cachedItems?: number;
  /** How many faults there are at the least, however long they take. */
  readonly fewestFaults?: number;
}

/** 200 streams in two workspaces. */
const usualSize: SoakSize = { pairsPerBoard: [13, 12], windowSeconds: [8, 20] };

export interface SoakOptions {
  /** Directory of the cloud assembly. */
  readonly assembly: string;
  readonly seed: number;
  readonly minutes: number;
  /** Faults to choose from: of these, those that can be put in at any time. */
  readonly rows: readonly Row[];
  readonly size?: SoakSize;
  /** Hears of each fault that is over, and how long the soak has run, in seconds. */
  readonly onWindow?: (result: RowResult, seconds: number) => void;
}

export interface SoakResult {
  /** One for each fault that was used, one for each process whose memory grows, and one for streams that run on. */
  readonly results: readonly RowResult[];
  readonly memory: readonly string[];
}

const changesPerSecond = 10;
/** With fewer windows the memory curve is that of the beginning, and says nothing. */
const fewestWindows = 30;
/** Frames between two cuts of a client that cuts its stream. */
const cutAfter = [50, 500] as const;

/**
 * Holds 200 streams through changes and one fault after the other, chosen at random. After each fault all that the
 * clients got is judged, and forgotten; what each process uses then is noted.
 */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { assembly, seed, minutes, size = usualSize, onWindow } = options;
  const random = new Random(seed);
  const faults = options.rows.filter(suitsSoak);
  const stack = await FaultStack.start(assembly, 'usual');
  const boards: Board[] = [];
  const windows: RowResult[] = [];
  const findings: RowResult[] = [];
  const curve = new MemoryCurve();
  try {
    await fillCache(stack, size.cachedItems);
    for (const [index, pairs] of size.pairsPerBoard.entries()) {
      boards.push(
        await Board.open(stack, `soak.${index}`, random.fork(`board ${index}`), {}, { cutAfter }, pairs),
      );
    }
    const process = stack.host('stream');
    const began = performance.now();
    const isOver = (): boolean =>
      performance.now() - began >= minutes * 60_000 && windows.length >= (size.fewestFaults ?? 1);
    while (!isOver()) {
      const before = process.pids;
      const result = await runWindow(random.pick(faults), stack, boards, random, size);
      windows.push(result);
      // A process that has begun anew would fill its memory for an hour.
      if (process.pids.some((pid) => !before.includes(pid))) await fillCache(stack, size.cachedItems);
      await curve.sample(stack);
      onWindow?.(result, (performance.now() - began) / 1000);
    }
    stack.seams.heal();
    await Promise.all(boards.map((board) => board.close()));
    for (const line of await expectNothingRuns(stack)) findings.push(finding('streams that run on', line, 1));
  } finally {
    stack.seams.heal();
    await Promise.all(boards.map((board) => board.close()));
    await stack.close();
  }
  const memory = curve.judge(windows.length >= fewestWindows);
  for (const { line, isFlat } of memory) if (!isFlat) findings.push(finding('memory', line, 0));
  for (const line of stack.takeSecrets()) findings.push(finding('secrets in logs', line, 0));
  return { results: [...mergeByName(windows), ...findings], memory: memory.map(({ line }) => line) };
}

async function runWindow(
  row: Row,
  stack: FaultStack,
  boards: readonly Board[],
  random: Random,
  { windowSeconds }: SoakSize,
): Promise<RowResult> {
  const began = performance.now();
  for (const board of boards) board.restart();
  const injection = new Injection(stack, boards, random, 'full');
  await Promise.all([
    disturb(row, injection),
    writeSteadily(boards, random.integer(...windowSeconds), injection.failures),
  ]);
  stack.seams.heal();
  await drain(stack);
  await Promise.all(boards.map((board) => board.settle()));
  const outcome = await judgeInjection(row, injection);
  return { ...outcome, name: row.name, seconds: (performance.now() - began) / 1000 };
}

/** Writes at a steady rate, however long each write takes; those that crash are failures. */
async function writeSteadily(boards: readonly Board[], seconds: number, failures: string[]): Promise<void> {
  const running = new Set<Promise<unknown>>();
  const began = performance.now();
  for (let number = 0; number < seconds * changesPerSecond; number += 1) {
    await wait(Math.max(0, began + (number * 1000) / changesPerSecond - performance.now()));
    const write: Promise<unknown> = boards[number % boards.length]!.writer.write(1, 1)
      .catch((error: unknown) => failures.push(`a write crashed: ${(error as Error).stack}`))
      .finally(() => running.delete(write));
    running.add(write);
  }
  await Promise.all(running);
}

/** The windows of each fault as one result; a fault that never happened has proved nothing. */
export function mergeByName(windows: readonly RowResult[]): RowResult[] {
  return [...Map.groupBy(windows, ({ name }) => name).values()].map((same) => {
    const merged = same.reduce((sum, next) => ({
      name: sum.name,
      injected: sum.injected + next.injected,
      changes: sum.changes + next.changes,
      delivered: sum.delivered + next.delivered,
      bySocket: sum.bySocket + next.bySocket,
      lost: sum.lost + next.lost,
      doubled: sum.doubled + next.doubled,
      leaked: sum.leaked + next.leaked,
      pastBound: sum.pastBound + next.pastBound,
      seconds: sum.seconds + next.seconds,
      findings: [...sum.findings, ...next.findings],
    }));
    return merged.injected > 0 ? merged : { ...merged, findings: [...merged.findings, provesNothing] };
  });
}

function finding(name: string, line: string, pastBound: number): RowResult {
  return { ...noOutcome, name, seconds: 0, pastBound, findings: [line] };
}
