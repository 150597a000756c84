import type { AwsCall } from '../../local/data/aws-fault.ts';
import type { StreamRecord } from '../../local/data/pump/stream-record.ts';

/** The workspace that a stream record is of; bookkeeping items have partitions of their own. */
export function workspaceOfRecord({ dynamodb }: StreamRecord): string {
  return (dynamodb.Keys['workspace'] as { readonly S: string }).S;
}

/** The item that a stream record is of, as text. */
export function itemOfRecord({ dynamodb }: StreamRecord): string {
  const { workspace, id } = dynamodb.Keys;
  return JSON.stringify([workspace, id]);
}

/**
 * What else is kept of a workspace: who is pushed to there, who is there, what is said of users, who types, and what is revoked
 * of whom. Not the counter of its tasks, which no transaction has: it knows no conflicts.
 */
const partitions = ['"', '#push"', '#presence"', '#said"', '#typing"', '#revocation#'] as const;

/** Whether a call names a workspace or what else is kept of it: as a key, in an item or as a value of a condition. */
export function namesWorkspace({ input }: AwsCall, workspace: string): boolean {
  const text = JSON.stringify(input);
  return partitions.some((partition) => text.includes(`{"S":"${workspace}${partition}`));
}
