import { pathTo, paths } from '../../protocol/routes.ts';

/** An endpoint as the fuzzer sees it. */
export interface Endpoint {
  /** `{id}` stands for a task, `{connection}` for a stream. */
  readonly path: string;
  /** The method that it takes; others are tried now and then. */
  readonly method: string;
  /** Status of its good answer, which a run must see. */
  readonly success: number;
  /** Query parameters that it knows, besides those of whoever asks. */
  readonly query?: readonly string[];
  /** Whether it takes a ticket in the place of a token. */
  readonly takesTicket?: boolean;
  /** Fields of its JSON body. */
  readonly fields?: readonly string[];
  /** Share of the requests, relative to the others. */
  readonly weight: number;
}

/** As in the protocol; `{id}` stands for a task here. */
export const connectionPath = pathTo(paths.connection, '{connection}');

const taskFields = [
  'name',
  'description',
  'status',
  'priority',
  'blocked',
  'assigned_to_agent',
  'archived',
  'assignees',
  'visibility',
];

/** All endpoints but the development issuer, which is not deployed. A new endpoint is one entry. */
export const fuzzedEndpoints: readonly Endpoint[] = [
  { path: paths.tasks, method: 'POST', success: 201, fields: taskFields, weight: 6 },
  {
    path: paths.tasks,
    method: 'GET',
    success: 200,
    query: ['status', 'assigned_to_agent', 'tasks', 'archived', 'limit', 'cursor'],
    weight: 6,
  },
  {
    path: paths.events,
    method: 'GET',
    success: 200,
    query: ['since', 'types', 'tasks', 'status', 'assigned_to_agent', 'order', 'limit', 'cursor', 'cursor'],
    weight: 6,
  },
  { path: paths.task, method: 'GET', success: 200, weight: 3 },
  { path: paths.task, method: 'DELETE', success: 200, weight: 3 },
  { path: paths.task, method: 'PATCH', success: 200, fields: taskFields, weight: 8 },
  {
    path: paths.stream,
    method: 'GET',
    success: 200,
    takesTicket: true,
    // The cursor twice, because what is behind it is deep.
    query: [
      'lastEventId',
      'lastEventId',
      'since',
      'named',
      'lease',
      'events',
      'tasks',
      'status',
      'assigned_to_agent',
      'ticket',
    ],
    weight: 8,
  },
  { path: paths.ticket, method: 'POST', success: 200, weight: 3 },
  { path: paths.stats, method: 'GET', success: 200, weight: 3 },
  { path: paths.disconnect, method: 'POST', success: 200, fields: ['connectionId', 'token'], weight: 4 },
  { path: paths.lease, method: 'POST', success: 200, fields: ['connectionId', 'token'], weight: 4 },
  { path: connectionPath, method: 'DELETE', success: 200, weight: 3 },
  { path: paths.revocations, method: 'POST', success: 200, fields: ['userId'], weight: 3 },
  { path: '/', method: 'GET', success: 200, weight: 1 },
  { path: '/config.json', method: 'GET', success: 200, weight: 1 },
  // Only a stage with a user pool and an edge has it, and the local one has no user pool.
  {
    path: '/sign-in',
    method: 'GET',
    success: 404,
    query: ['code', 'state', 'iss', 'error', 'error_description'],
    weight: 1,
  },
];
