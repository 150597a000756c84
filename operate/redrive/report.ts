import { columns } from '../../commands/columns.ts';
import { explain } from '../stack/explain.ts';
import type { BatchOutcome } from './redrive.ts';

/** The outcomes as a table for people, a line for each workspace of each batch. */
export function tableOf(outcomes: readonly BatchOutcome[], dryRun: boolean): string {
  const words = {
    resync: dryRun ? 'would be told to load again' : 'told to load again',
    logged: 'is in the log already',
  };
  const rows = outcomes.flatMap(({ name, records, workspaces, fault }) => {
    const lines = workspaces.map(({ workspace, outcome }) => [workspace, words[outcome]]);
    if (fault !== undefined) lines.push(['', `not done: ${explain(fault)}`]);
    else if (lines.length === 0) lines.push(['', 'holds nothing that clients see']);
    return lines.map((line, index) => [
      index === 0 ? name : '',
      index === 0 ? String(records ?? '?') : '',
      ...line,
    ]);
  });
  return columns([['batch', 'records', 'workspace', 'outcome'], ...rows]);
}
