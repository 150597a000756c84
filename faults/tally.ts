import type { Board } from './board.ts';
import type { Crowd } from './crowd/crowd.ts';

/** What all clients of some boards got against what they must get. */
export interface Tally {
  readonly changes: number;
  readonly delivered: number;
  readonly lost: number;
  readonly doubled: number;
  readonly leaked: number;
  /** Each finding in words, the answers of the API that nobody may ever get among them. */
  readonly findings: readonly string[];
}

/** Judges all clients of some boards, and the crowds of the first one. */
export async function tally(boards: readonly Board[], crowds: readonly Crowd[] = []): Promise<Tally> {
  const counts = { changes: 0, delivered: 0, lost: 0, doubled: 0, leaked: 0 };
  const findings: string[] = [];
  for (const board of boards) {
    counts.changes += board.ledger.changes;
    const verdicts = await board.judge(board === boards[0] ? crowds : []);
    for (const verdict of verdicts) {
      for (const count of ['delivered', 'lost', 'doubled', 'leaked'] as const)
        counts[count] += verdict[count];
      findings.push(...verdict.findings.map((finding) => `${board.workspace}: ${finding}`));
    }
    findings.push(...board.writer.scandals);
  }
  return { ...counts, findings };
}
