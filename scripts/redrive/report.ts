import type { BatchOutcome } from './redrive.ts';
import { RedriveError } from './redrive-error.ts';

const HEAD = ['batch', 'records', 'workspace', 'outcome'];

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
  const widths = HEAD.map((title, column) =>
    Math.max(...[HEAD, ...rows].map((row) => (row[column] ?? title).length)),
  );
  return [HEAD, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** What is wrong and what to do, where that is known, in one line. */
export function explain(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault);
  if (fault instanceof RedriveError) return fault.message;
  const { name } = fault;
  const [message = ''] = fault.message.split('\n');
  if (isAboutCredentials(fault)) {
    return `AWS takes no credentials from here (${name}: ${message}): sign in, for example with aws sso login, and set AWS_PROFILE`;
  }
  if (/^Region (is missing|not accepted)/.test(message)) return 'the region is not known: set AWS_REGION';
  if (name.startsWith('AccessDenied')) return `the credentials lack a right: ${message}`;
  if (name === 'NoSuchBucket') return `there is no such bucket: check --bucket, AWS_PROFILE and AWS_REGION`;
  if (name === 'ResourceNotFoundException') {
    return 'there is no such events table: check --events-table, AWS_PROFILE, AWS_REGION and --endpoint';
  }
  const { code, path } = fault as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return 'nothing answers there: check that the stack runs, and --endpoint';
  if (code === 'ENOENT') return `there is no ${path}`;
  return `${name}: ${message}`;
}

const CREDENTIAL_FAULTS = new Set([
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'SignatureDoesNotMatch',
  'TokenRefreshRequired',
  'UnrecognizedClientException',
]);

/** Whether no other batch will fare better. */
export function isAboutCredentials(fault: unknown): boolean {
  return fault instanceof Error && CREDENTIAL_FAULTS.has(fault.name);
}
