import { createHash } from 'node:crypto';
import { idempotencyKeyHeader, ifMatchHeader } from '../../protocol/headers.ts';
import type { TaskInput } from '../../core/task/input.ts';
import type { Task } from '../../protocol/task.ts';
import { isTaskId } from '../../core/task/fields.ts';
import type { AuthenticatedEvent } from '../shared/http/middleware.ts';
import { Refusal } from '../../core/refusal.ts';
import { entityTag } from '../shared/http/entity-tag.ts';

/**
 * The task id of the path.
 * @throws {Refusal} 400 for anything but a whole number from 1.
 */
export function readTaskId(event: AuthenticatedEvent): number {
  const text = event.pathParameters?.['id'] ?? '';
  const id = /^[1-9][0-9]{0,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!isTaskId(id)) {
    throw new Refusal(
      'invalid_task_id',
      'the task id in the path must be a whole number from 1, as in /tasks/7',
    );
  }
  return id;
}

/** An entity tag, weak or strong, and a list of them. Source: RFC 9110, 8.8.3 and 13.1.1. */
const entityTagPattern = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/.source;
const entityTags = new RegExp(
  `^[ \\t,]*${entityTagPattern}(?:[ \\t]*,[ \\t,]*${entityTagPattern})*[ \\t,]*$`,
);

/**
 * Makes sure that a task is of a version that `If-Match` names, where there is one. Any version matches `*`; a weak tag
 * matches none, nor does a tag that no task of ours can have.
 * @throws {Refusal} 400 or 412.
 */
export function checkIfMatch(event: AuthenticatedEvent, { version }: Task): void {
  const header = event.headers[ifMatchHeader];
  if (header === undefined || header.trim() === '*') return;
  if (!entityTags.test(header)) {
    const message = 'If-Match must be * or ETags of the task, as in If-Match: "3"';
    throw new Refusal('invalid_header', message);
  }
  const tags: string[] = header.match(new RegExp(entityTagPattern, 'g')) ?? [];
  if (!tags.includes(entityTag(version))) {
    const message = `the task is at version ${version}: load it again, then repeat the change with If-Match: "${version}"`;
    throw new Refusal('version_mismatch', message, { version });
  }
}

/**
 * The idempotency key of a request, hashed together with the user, and a hash of what the request asks for: however its
 * JSON was written, and whether defaults were said or left out.
 * @param input the fields as they were read.
 * @throws {Refusal} 400 for a key that is none.
 */
export function readIdempotency(
  event: AuthenticatedEvent,
  input: Partial<TaskInput>,
): { key: string; request: string } | undefined {
  const key = event.headers[idempotencyKeyHeader];
  if (key === undefined) return undefined;
  if (!/^[\x20-\x7e]{1,255}$/.test(key)) {
    throw new Refusal('invalid_header', 'Idempotency-Key must be 1 to 255 printable ASCII characters');
  }
  const { method } = event.requestContext.http;
  const fields = Object.entries(input).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    key: hash([event.principal.user, key]),
    request: hash([
      method,
      event.pathParameters?.['id'] ?? null,
      event.headers[ifMatchHeader]?.trim() ?? null,
      fields,
    ]),
  };
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
