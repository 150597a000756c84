import type { connectionRoutes, streamRoutes } from '../../protocol/routes.ts';
import { paths } from '../../protocol/routes.ts';
import type { Operation, Operations } from './operation.ts';
import { streamQuery } from './parameters.ts';
import { ref } from './schema.ts';
import { bodyErrors, exampleCursor } from './task-operations.ts';

const connectionId = '0b8f5f0e-6a43-4d6e-9f0a-0d6a1c6f2b11';
const time = '2026-11-27T12:00:00.000Z';
const done = { status: 200, schema: ref('Done'), example: { success: true } } as const;

const connect: Operation = {
  id: 'openStream',
  tag: 'stream',
  summary: 'Opens a stream of events.',
  description: [
    'The frames and their data are in the AsyncAPI document. Every frame of an open stream has an `id`, the cursor,',
    'but for those about other users. Without `x-taskwire-errors: status`, trouble that will pass is answered 200 with an',
    '`end` frame, since EventSource takes any other status as final. Other parameters than these are no fault.',
  ].join('\n'),
  query: streamQuery,
  headers: ['Last-Event-ID', 'x-taskwire-errors'],
  takesUrlSecrets: true,
  answer: {
    status: 200,
    description: 'Frames, until the stream ends.',
    headers: ['Cache-Control'],
    example: `:\nretry: 1200\ndata: {"type":"connection.established","connectionId":"${connectionId}","userId":"alice","timestamp":"${time}"}\nid: ${exampleCursor}\n\n`,
  },
  noContent: 'To an EventSource that comes back by itself after an end for good: it stops.',
  errors: ['invalid_parameter', 'user_limit', 'workspace_limit'],
};

const ticket: Operation = {
  id: 'getTicket',
  tag: 'stream',
  summary: 'Trades a token for a ticket, which opens streams and does nothing else.',
  description: 'A body is not read.',
  answer: {
    status: 200,
    description: 'The ticket, good for any number of connects until it expires.',
    schema: ref('Ticket'),
    example: { ticket: 'C8jVb3Zr1yqkF0w2xUO9dLsAmT4hEeGn7iQpRzNfKoY.tp5wt0', expiresAt: time },
  },
  errors: [],
};

const stats: Operation = {
  id: 'getStats',
  tag: 'connections',
  summary: 'Lists the open connections of the workspace. Admins only.',
  answer: {
    status: 200,
    description: 'The connections.',
    schema: ref('Stats'),
    example: {
      totalConnections: 1,
      connections: [{ id: connectionId, userId: 'alice', connectedAt: 1795780800000, duration: 12000 }],
    },
  },
  errors: ['forbidden'],
};

const disconnect: Operation = {
  id: 'disconnect',
  tag: 'connections',
  summary: 'Ends a stream of the caller, as a page does that closes.',
  body: { schema: ref('ConnectionRequest'), asBeacon: true, example: { connectionId } },
  answer: { ...done, description: 'It ends within 5 s; also where it is gone already.' },
  errors: bodyErrors,
};

const lease: Operation = {
  id: 'renewLease',
  tag: 'connections',
  summary: 'Renews the lease of a stream that was opened with one.',
  body: { schema: ref('ConnectionRequest'), asBeacon: true, example: { connectionId } },
  answer: {
    status: 200,
    description: 'Its length and its new end.',
    schema: ref('Lease'),
    example: { connectionId, lease: 30, expiresAt: time },
  },
  errors: [...bodyErrors, 'connection_not_found'],
};

const revoke: Operation = {
  id: 'revokeRights',
  tag: 'connections',
  summary: "Revokes a user's rights in the workspace, and ends the user's streams. Admins only.",
  body: { schema: ref('RevocationRequest'), example: { userId: 'bob' } },
  answer: {
    status: 200,
    description: 'What was revoked.',
    schema: ref('Revocation'),
    example: { userId: 'bob', notBefore: time, connectionsEnded: 2 },
  },
  errors: [...bodyErrors, 'forbidden'],
};

const end: Operation = {
  id: 'endConnection',
  tag: 'connections',
  summary: "Ends a stream for good: the caller's own, or, for an admin, any of the workspace.",
  description: 'Where an admin ends it, the token that opened it is revoked too.',
  answer: { ...done, description: 'It ends within 5 s.' },
  errors: ['invalid_field', 'connection_not_found'],
};

/** Where a stream is opened. */
export const streamOperations: Operations<typeof streamRoutes> = { [paths.stream]: { GET: connect } };

/** What is done about streams, besides reading one. */
export const connectionOperations: Operations<typeof connectionRoutes> = {
  [paths.ticket]: { POST: ticket },
  [paths.stats]: { GET: stats },
  [paths.disconnect]: { POST: disconnect },
  [paths.lease]: { POST: lease },
  [paths.revocations]: { POST: revoke },
  [paths.connection]: { DELETE: end },
};
