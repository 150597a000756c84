import type { Board } from './board.ts';

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

/** Judges all clients of some boards. */
export async function tally(boards: readonly Board[]): Promise<Tally> {
  const counts = { changes: 0, delivered: 0, lost: 0, doubled: 0, leaked: 0 };
  const findings: string[] = [];
  for (const board of boards) {
    counts.changes += board.ledger.changes;
    for (const verdict of await board.judge()) {
      for (const count of ['delivered', 'lost', 'doubled', 'leaked'] as const)
        counts[count] += verdict[count];
      findings.push(...verdict.findings.map((finding) => `${board.workspace}: ${finding}`));
    }
    findings.push(...board.writer.scandals);
  }
  return { ...counts, findings };
}
