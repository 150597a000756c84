import { setTimeout as wait } from 'node:timers/promises';
import { Board } from '../board/board.ts';
import { Random } from '../random.ts';
import { expectNothingRuns } from '../judge/leftovers.ts';
import type { Row, Scale } from './row.ts';
import { Injection, injectRow } from './row.ts';
import type { StackProfile } from '../stack/stack.ts';
import { FaultStack } from '../stack/stack.ts';
import type { Outcome } from './tally.ts';
import { judgeInjection, noOutcome } from './tally.ts';

/** What a row found. */
export interface RowResult {
  readonly name: string;
  readonly injected: number;
  readonly changes: number;
  readonly delivered: number;
  /** Those of them that came over WebSockets. */
  readonly bySocket: number;
  readonly lost: number;
  readonly doubled: number;
  readonly leaked: number;
  readonly pastBound: number;
  readonly seconds: number;
  /** What was measured, in words. */
  readonly notes?: readonly string[];
  /** Everything that is wrong, in words; empty for a row that holds. */
  readonly findings: readonly string[];
}

export interface MatrixOptions {
  /** Directory of the cloud assembly. */
  readonly assembly: string;
  readonly seed: number;
  readonly scale: Scale;
  readonly onRow?: (result: RowResult) => void;
}

/** The finding of a row whose fault never happened. */
export const provesNothing = 'nothing was injected: the row proves nothing';

/** How long the pump may need after a fault to deliver all that is left. Milliseconds. */
const drainMs = 30_000;

/** What no row needs, however busy the machine is. Milliseconds. */
const rowLimitMs = 240_000;

/** Rows on one stack: the embedded database's streams slow down with the number of records of a table. */
const rowsPerStack = 9;

/** Stacks that run at a time: a row waits more than it computes. */
const stacksAtOnce = 4;

/**
 * Runs rows, each on workspaces of its own, on stacks that rows of one profile share.
 * @returns the results in the order of the rows.
 */
export async function runMatrix(rows: readonly Row[], options: MatrixOptions): Promise<RowResult[]> {
  let waiting = [...Map.groupBy(rows, ({ profile = 'usual' }) => profile)].flatMap(([profile, all]) =>
    all.flatMap((_, index) =>
      index % rowsPerStack === 0 ? [{ profile, part: all.slice(index, index + rowsPerStack) }] : [],
    ),
  );
  // The longest first, so that nothing is left to wait for at the end.
  waiting.sort((a, b) => Number(isLong(b.profile)) - Number(isLong(a.profile)));
  const results = new Map<string, RowResult>();
  const work = async (): Promise<void> => {
    for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
      const { profile, part } = group;
      const done = await runOnOneStack(profile, part, options);
      for (const result of done) results.set(result.name, result);
      if (done.length < part.length) waiting.push({ profile, part: part.slice(done.length) });
    }
  };
  // What is measured is measured alone.
  const measured = waiting.filter(isMeasured);
  waiting = waiting.filter((group) => !measured.includes(group));
  await Promise.all(Array.from({ length: stacksAtOnce }, work));
  waiting = measured;
  await work();
  return rows.map(({ name }) => results.get(name)!);
}

/** Whether a row, or rows of one profile, measure what load does: they want the machine for themselves. */
function isMeasured({ profile }: Pick<Row, 'profile'>): boolean {
  return profile === 'stalled readers' || profile === 'load';
}

function isLong(profile: StackProfile): boolean {
  return profile === 'unreadable log' || profile === 'long' || profile === 'presence';
}

async function runOnOneStack(
  profile: StackProfile,
  rows: readonly Row[],
  { assembly, seed, scale, onRow }: MatrixOptions,
): Promise<RowResult[]> {
  const stack = await FaultStack.start(assembly, profile);
  const results: RowResult[] = [];
  try {
    for (const row of rows) {
      let { result, isStuck } = await runRow(row, stack, new Random(seed).fork(row.name), scale);
      if (isStuck || row === rows.at(-1)) result = withLeftovers(result, await expectNothingRuns(stack));
      results.push(result);
      onRow?.(result);
      // What it may still do, or has left, must not meet the next row: that one gets a stack of its own.
      if (isStuck) break;
    }
  } finally {
    await stack.close();
  }
  // What was logged when the last row had been judged.
  return withFindings(results, stack.takeSecrets());
}

/** The results of a stack, of which the last one has further findings. */
function withFindings(results: readonly RowResult[], more: readonly string[]): RowResult[] {
  return results.map((result, index) =>
    index === results.length - 1 ? { ...result, findings: [...result.findings, ...more] } : result,
  );
}

/** The result of the last row of a stack, with what still runs there. */
function withLeftovers(result: RowResult, leftovers: readonly string[]): RowResult {
  return {
    ...result,
    pastBound: result.pastBound + leftovers.length,
    findings: [...result.findings, ...leftovers],
  };
}

async function runRow(
  row: Row,
  stack: FaultStack,
  random: Random,
  scale: Scale,
): Promise<{ readonly result: RowResult; readonly isStuck: boolean }> {
  const began = performance.now();
  const name = row.name.replaceAll(/[^a-z0-9]+/gi, '-');
  const boards: Board[] = [];
  let injection: Injection | undefined;
  const findings: string[] = [];
  let outcome: Outcome | undefined;
  let isStuck = false;
  try {
    for (const part of ['a', 'b']) {
      boards.push(await Board.open(stack, `${name}.${part}`, random.fork(part), ...(row.clients ?? [])));
    }
    injection = new Injection(stack, boards, random.fork('fault'), scale);
    isStuck = true;
    await within(rowLimitMs, injectRow(row, injection), 'the row does not end');
    isStuck = false;
    stack.seams.heal();
    await drain(stack);
    await Promise.all(boards.map((board) => board.settle()));
    outcome = await judgeInjection(row, injection);
    findings.push(...outcome.findings);
    if (outcome.injected === 0) findings.push(provesNothing);
  } catch (error) {
    findings.push(`the row crashed: ${(error as Error).stack}`);
  } finally {
    stack.seams.heal();
    await Promise.all([...(injection?.crowds ?? []), ...boards].map((clients) => clients.close()));
  }
  const nothing = { injected: injection?.injected ?? 0, notes: injection?.notes ?? [] };
  const result = {
    ...(outcome ?? { ...noOutcome, ...nothing }),
    name: row.name,
    seconds: (performance.now() - began) / 1000,
    findings,
  };
  return { result, isStuck };
}

class TookTooLong extends Error {}

/** @throws {TookTooLong} with the complaint when the work is not done in so many milliseconds */
async function within(milliseconds: number, work: Promise<void>, complaint: string): Promise<void> {
  const given = new AbortController();
  const late = wait(milliseconds, 'late' as const, { signal: given.signal }).catch(() => undefined);
  try {
    if ((await Promise.race([work, late])) === 'late') throw new TookTooLong(complaint);
  } finally {
    given.abort();
  }
}

/** Waits until the pump has delivered all that is left. @throws {Error} when it does not get there. */
export function drain(stack: FaultStack): Promise<void> {
  return within(drainMs, stack.local.pump.drained(), 'the stream of the tasks table was not read to its end');
}
