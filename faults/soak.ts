import { setTimeout as wait } from 'node:timers/promises';
import { Board } from './board.ts';
import { fillCache } from './fill-cache.ts';
import type { RowResult } from './matrix.ts';
import { drain } from './matrix.ts';
import { MemoryCurve } from './memory.ts';
import { Random } from './random.ts';
import type { Row } from './row.ts';
import { Injection } from './row.ts';
import { FaultStack } from './stack.ts';
import { tally } from './tally.ts';

export interface SoakOptions {
  /** Directory of the cloud assembly. */
  readonly assembly: string;
  readonly seed: number;
  readonly minutes: number;
  /** Faults to choose from: those that can be put in at any time. */
  readonly rows: readonly Row[];
  /** Hears of each fault that is over, and how long the soak has run, in seconds. */
  readonly onWindow: (result: RowResult, seconds: number) => void;
}

export interface SoakResult {
  /** One for each fault that was used, and one for the memory of each process that grows. */
  readonly results: readonly RowResult[];
  readonly memory: readonly string[];
}

/** Eight streams each: 200 in two workspaces. */
const pairsPerBoard = [13, 12] as const;
const changesPerSecond = 10;
/** With fewer windows the memory curve is that of the beginning, and says nothing. */
const fewestWindows = 30;
/** How long one fault lasts, seconds. */
const windowSeconds = [8, 20] as const;
/** Frames between two cuts of a client that cuts its stream. */
const cutAfter = [50, 500] as const;

/**
 * Holds 200 streams through changes and one fault after the other, chosen at random. After each fault all that the
 * clients got is judged, and forgotten; what each process uses then is noted.
 */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { assembly, seed, minutes, onWindow } = options;
  const random = new Random(seed);
  const faults = options.rows.filter(({ arm, run, profile }) => arm && !run && !profile);
  const stack = await FaultStack.start(assembly, 'usual');
  const boards: Board[] = [];
  const windows: RowResult[] = [];
  try {
    await fillCache(stack);
    for (const [index, pairs] of pairsPerBoard.entries()) {
      boards.push(
        await Board.open(stack, `soak.${index}`, random.fork(`board ${index}`), {}, { cutAfter }, pairs),
      );
    }
    const curve = new MemoryCurve(stack);
    const began = performance.now();
    while (performance.now() - began < minutes * 60_000) {
      const result = await runWindow(random.pick(faults), stack, boards, random);
      windows.push(result);
      await curve.sample();
      onWindow(result, (performance.now() - began) / 1000);
    }
    const memory = curve.judge(windows.length >= fewestWindows);
    return {
      results: [...mergeByName(windows), ...memory.filter(({ isFlat }) => !isFlat).map(grown)],
      memory: memory.map(({ line }) => line),
    };
  } finally {
    stack.seams.heal();
    await Promise.all(boards.map((board) => board.close()));
    await stack.close();
  }
}

async function runWindow(
  row: Row,
  stack: FaultStack,
  boards: readonly Board[],
  random: Random,
): Promise<RowResult> {
  const began = performance.now();
  for (const board of boards) board.restart();
  const injection = new Injection(stack, boards, random, 'full');
  row.arm!(injection);
  await writeSteadily(boards, random.integer(...windowSeconds));
  stack.seams.heal();
  await drain(stack);
  await Promise.all(boards.map((board) => board.settle()));
  return {
    name: row.name,
    injected: injection.injected,
    ...(await tally(boards)),
    pastBound: 0,
    seconds: (performance.now() - began) / 1000,
  };
}

/** Writes at a steady rate, however long each write takes. */
async function writeSteadily(boards: readonly Board[], seconds: number): Promise<void> {
  const running = new Set<Promise<void>>();
  const began = performance.now();
  for (let number = 0; number < seconds * changesPerSecond; number += 1) {
    await wait(Math.max(0, began + (number * 1000) / changesPerSecond - performance.now()));
    const write = boards[number % boards.length]!.writer.write(1, 1);
    running.add(write);
    void write.finally(() => running.delete(write)).catch(() => undefined);
  }
  await Promise.all(running);
}

function mergeByName(windows: readonly RowResult[]): RowResult[] {
  return [...Map.groupBy(windows, ({ name }) => name).values()].map((same) =>
    same.reduce((sum, next) => ({
      name: sum.name,
      injected: sum.injected + next.injected,
      changes: sum.changes + next.changes,
      delivered: sum.delivered + next.delivered,
      lost: sum.lost + next.lost,
      doubled: sum.doubled + next.doubled,
      leaked: sum.leaked + next.leaked,
      pastBound: sum.pastBound + next.pastBound,
      seconds: sum.seconds + next.seconds,
      findings: [...sum.findings, ...next.findings],
    })),
  );
}

function grown({ line }: { readonly line: string }): RowResult {
  const nothing = {
    injected: 0,
    changes: 0,
    delivered: 0,
    lost: 0,
    doubled: 0,
    leaked: 0,
    pastBound: 0,
    seconds: 0,
  };
  return { name: 'memory', ...nothing, findings: [line] };
}
