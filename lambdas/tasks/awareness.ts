import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { PresenceNoted, TypingNoted } from '../../protocol/awareness.ts';
import { presenceFields, typingFields } from '../../protocol/awareness.ts';
import type { AwarenessService } from '../shared/awareness/awareness-service.ts';
import { readTyping, readView, refuseUnknownFields } from '../shared/awareness/read-said.ts';
import { readObject } from '../shared/http/body-object.ts';
import type { AuthenticatedEvent } from '../shared/http/middleware.ts';
import { readTaskId } from './request.ts';

/**
 * `POST /presence`.
 * @throws {Refusal} 400, 404, 409, 413, 415 or 429.
 */
export async function notePresence(
  service: Pick<AwarenessService, 'view'>,
  event: AuthenticatedEvent,
): Promise<PresenceNoted> {
  const fields = readObject(event, true);
  refuseUnknownFields(fields, [...presenceFields, 'token']);
  const view = readView(fields);
  const expiresAt = await service.view(event.principal, view);
  return { viewId: view.viewId, expiresAt: new Date(expiresAt).toISOString() };
}

/**
 * `POST /tasks/{id}/typing`.
 * @throws {Refusal} 400, 404, 413, 415 or 429.
 */
export async function noteTyping(
  service: Pick<AwarenessService, 'type'>,
  event: AuthenticatedEvent,
): Promise<TypingNoted> {
  const taskId = readTaskId(event);
  const fields = hasBody(event) ? readObject(event, true) : {};
  refuseUnknownFields(fields, typingFields);
  const typing = readTyping(fields);
  const expiresAt = await service.type(event.principal, taskId, typing);
  return { taskId, typing, expiresAt: new Date(expiresAt).toISOString() };
}

/** Who only types has nothing else to say. */
function hasBody({ body }: APIGatewayProxyEventV2): boolean {
  return body !== undefined && body !== '';
}
