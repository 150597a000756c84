/** Headers with a meaning of their own here; names in lower case, as Lambda gives them. */

/** Request: `status` asks the stream to answer passing trouble with its real status, which EventSource could not bear. */
export const errorsHeader = 'x-taskwire-errors';

/** Request: the edge's copy of the viewer's `Authorization`, which its own signature replaces. */
export const edgeTokenHeader = 'x-taskwire-authorization';

/** Request: the cursor of an EventSource that comes back. */
export const lastEventIdHeader = 'last-event-id';

/** Request: the versions of the task that a write is meant for. */
export const ifMatchHeader = 'if-match';

/** Request: the same key makes the same write happen once. */
export const idempotencyKeyHeader = 'idempotency-key';

/** Answer: `true` where it is that to an earlier request with the same key. */
export const idempotencyReplayedHeader = 'idempotency-replayed';

/**
 * Request and answer: what a request is called in logs and in the events that tell of it. One that names itself otherwise
 * than `correlationIdPattern` allows, or not at all, is named by the server.
 */
export const correlationHeader = 'x-correlation-id';
