import type { Board } from '../board/board.ts';
import type { Verdict } from '../judge/oracle.ts';
import type { Crowd } from '../crowd/crowd.ts';
import { judgeReloads } from '../board/reloads.ts';
import type { Injection, Row } from './row.ts';

/** What all clients of some boards got against what they must get. */
export interface Tally extends Verdict {
  readonly changes: number;
}

/** The share of the writes that must be accepted, whatever the fault is: else there is nothing to judge. */
const leastAccepted = 1 / 3;

/** Judges all clients of some boards, the crowds of the first one, and the answers of the API that nobody may ever get. */
async function tally(boards: readonly Board[], crowds: readonly Crowd[] = []): Promise<Tally> {
  const counts = { changes: 0, delivered: 0, bySocket: 0, lost: 0, doubled: 0, leaked: 0 };
  const findings: string[] = [];
  for (const board of boards) {
    const { changes } = board.ledger;
    const { attempted, scandals } = board.writer;
    counts.changes += changes;
    if (changes < attempted * leastAccepted)
      findings.push(`${board.workspace}: of ${attempted} writes only ${changes} were accepted`);
    const verdicts = await board.judge(board === boards[0] ? crowds : []);
    for (const verdict of verdicts) {
      for (const count of ['delivered', 'bySocket', 'lost', 'doubled', 'leaked'] as const)
        counts[count] += verdict[count];
      findings.push(...verdict.findings.map((finding) => `${board.workspace}: ${finding}`));
    }
    const refused = board.replicas.flatMap(({ refusedLoads }) => refusedLoads);
    findings.push(...[...scandals, ...refused].map((finding) => `${board.workspace}: ${finding}`));
  }
  return { ...counts, findings };
}

/** What a row's fault has done to the clients of its boards, and all else that is wrong. */
export interface Outcome extends Tally {
  readonly injected: number;
  readonly pastBound: number;
  readonly notes: readonly string[];
}

/** The outcome of a row that could not be judged. */
export const noOutcome: Outcome = {
  injected: 0,
  changes: 0,
  delivered: 0,
  bySocket: 0,
  lost: 0,
  doubled: 0,
  leaked: 0,
  pastBound: 0,
  notes: [],
  findings: [],
};

/** Judges all that a fault has done: what clients got, when, why they had to load again, and what was logged. */
export async function judgeInjection({ reloads = 'none' }: Row, injection: Injection): Promise<Outcome> {
  const { boards, crowds, injected, notes, failures, stack } = injection;
  const judged = await tally(boards, crowds);
  const pastBound = [...injection.pastBound, ...injection.judgeMedians()];
  const reloaded = boards.flatMap(({ workspace, replicas }) =>
    judgeReloads(reloads, replicas).map((finding) => `${workspace}: ${finding}`),
  );
  return {
    ...judged,
    injected,
    notes,
    pastBound: pastBound.length,
    findings: [...pastBound, ...failures, ...judged.findings, ...reloaded, ...stack.takeSecrets()],
  };
}
