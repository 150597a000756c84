import { idempotencyKeyHeader, ifMatchHeader } from '../../protocol/headers.ts';
import { taskIdPattern } from '../../protocol/patterns.ts';
import { paths } from '../../protocol/routes.ts';
import { isTaskId } from '../../core/task/fields.ts';
import type { IfMatch } from '../../core/task/if-match.ts';
import { readIfMatch } from '../../core/task/if-match.ts';
import type { Parsed } from '../../core/refusal.ts';
import { Refusal } from '../../core/refusal.ts';
import { parseJson } from '../shared/http/json-body.ts';
import type { AuthenticatedEvent } from '../shared/http/middleware.ts';

/** What a client sends to write a task. */
export interface TaskWriteRequest {
  readonly body: Parsed<unknown>;
  readonly ifMatch: IfMatch;
  /** As the client gave it. */
  readonly idempotencyKey: string | undefined;
  /** What the request is called. */
  readonly correlationId: string;
}

/** Reads what a client sends to write a task. It is judged later: first it is seen whether there is such a task. */
export function readTaskWrite(event: AuthenticatedEvent): TaskWriteRequest {
  return {
    body: parseJson(event),
    ifMatch: readIfMatch(event.headers[ifMatchHeader]),
    idempotencyKey: event.headers[idempotencyKeyHeader],
    correlationId: event.correlationId,
  };
}

/**
 * The task id of the path.
 * @throws {Refusal} 400 for anything but a whole number from 1.
 */
export function readTaskId(event: AuthenticatedEvent): number {
  const text = event.pathParameters?.['id'] ?? '';
  const id = taskIdPattern.test(text) ? Number(text) : Number.NaN;
  if (!isTaskId(id)) {
    const message = `the task id in the path must be a whole number from 1, as in ${paths.tasks}/7`;
    throw new Refusal('invalid_task_id', message);
  }
  return id;
}
