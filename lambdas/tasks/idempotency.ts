import { createHash } from 'node:crypto';
import type { TaskInput } from '../../core/task/input.ts';
import { idempotencyKeyPattern } from '../../protocol/patterns.ts';
import { Refusal } from '../../core/refusal.ts';

/** What is known of a request by its idempotency key: hash of user and key, hash of what is asked for. */
export interface Idempotency {
  readonly key: string;
  readonly request: string;
}

/** What makes two requests with the same key the same. */
export interface IdempotentRequest {
  readonly user: string;
  readonly method: 'POST' | 'PATCH';
  /** The task that it changes; undefined for a new one. */
  readonly id?: number;
  /** What `If-Match` says; null without it. */
  readonly ifMatch: string | null;
  /** The fields as they were read: however their JSON was written, and whether defaults were said or left out. */
  readonly input: Partial<TaskInput>;
}

/**
 * What a request is known by.
 * @param key as the client gave it; undefined without one.
 * @throws {Refusal} `invalid_header` for a key that is none.
 */
export function idempotencyOf(
  key: string | undefined,
  { user, method, id, ifMatch, input }: IdempotentRequest,
): Idempotency | undefined {
  if (key === undefined) return undefined;
  if (!idempotencyKeyPattern.test(key)) {
    throw new Refusal('invalid_header', 'Idempotency-Key must be 1 to 255 printable ASCII characters');
  }
  const fields = Object.entries(input).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const place = id === undefined ? null : String(id);
  return { key: hash([user, key]), request: hash([method, place, ifMatch, fields]) };
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
