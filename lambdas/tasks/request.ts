import { createHash } from 'node:crypto';
import type { Task } from '../../core/task/task.ts';
import { isTaskId } from '../../core/task/task.ts';
import type { AuthenticatedEvent } from '../http/middleware.ts';
import { HttpError } from '../http/answer.ts';

/**
 * The task id of the path.
 * @throws {HttpError} 400 for anything but a whole number from 1.
 */
export function readTaskId(event: AuthenticatedEvent): number {
  const text = event.pathParameters?.['id'] ?? '';
  const id = /^[1-9][0-9]{0,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!isTaskId(id)) {
    throw new HttpError(
      400,
      'invalid_task_id',
      'the task id in the path must be a whole number from 1, as in /tasks/7',
    );
  }
  return id;
}

/**
 * Makes sure that a task is the version that `If-Match` names, where there is one.
 * @throws {HttpError} 400 or 412.
 */
export function checkIfMatch(event: AuthenticatedEvent, { version }: Task): void {
  const header = event.headers['if-match'];
  if (header === undefined || header.trim() === '*') return;
  const match = /^\s*"?(0|[1-9][0-9]{0,15})"?\s*$/.exec(header);
  if (!match) {
    throw new HttpError(400, 'invalid_header', 'If-Match must be the ETag of the task, as in If-Match: "3"');
  }
  if (Number(match[1]) !== version) {
    const message = `the task is at version ${version}: load it again, then repeat the change with If-Match: "${version}"`;
    throw new HttpError(412, 'version_mismatch', message, { etag: entityTag(version) });
  }
}

/** A version as an ETag. */
export function entityTag(version: number): string {
  return `"${version}"`;
}

/**
 * The idempotency key of a request, hashed together with the user, and a hash of what the request asks for.
 * @throws {HttpError} 400 for a key that is none.
 */
export function readIdempotency(
  event: AuthenticatedEvent,
  body: unknown,
): { key: string; request: string } | undefined {
  const key = event.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (!/^[\x20-\x7e]{1,255}$/.test(key)) {
    throw new HttpError(400, 'invalid_header', 'Idempotency-Key must be 1 to 255 printable ASCII characters');
  }
  const { method, path } = event.requestContext.http;
  return {
    key: hash([event.principal.user, key]),
    request: hash([method, path, event.headers['if-match'] ?? null, body]),
  };
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
