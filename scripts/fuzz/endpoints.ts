/** An endpoint as the fuzzer sees it. */
export interface Endpoint {
  /** `{id}` stands for a task, `{connection}` for a stream. */
  readonly path: string;
  /** Methods that it takes; others are tried now and then. */
  readonly methods: readonly string[];
  /** Query parameters that it knows, besides `token`. */
  readonly query?: readonly string[];
  /** Fields of its JSON body. */
  readonly fields?: readonly string[];
  /** Share of the requests, relative to the others. */
  readonly weight: number;
}

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
export const ENDPOINTS: readonly Endpoint[] = [
  { path: '/tasks', methods: ['POST'], fields: taskFields, weight: 6 },
  {
    path: '/tasks',
    methods: ['GET'],
    query: ['status', 'assigned_to_agent', 'archived', 'limit', 'cursor'],
    weight: 6,
  },
  { path: '/tasks/{id}', methods: ['GET', 'DELETE'], weight: 6 },
  { path: '/tasks/{id}', methods: ['PATCH'], fields: taskFields, weight: 8 },
  { path: '/sse/connect', methods: ['GET'], query: ['lastEventId', 'since', 'named', 'lease'], weight: 8 },
  { path: '/sse/stats', methods: ['GET'], weight: 3 },
  { path: '/sse/disconnect', methods: ['POST'], fields: ['connectionId', 'token'], weight: 4 },
  { path: '/sse/lease', methods: ['POST'], fields: ['connectionId', 'token'], weight: 4 },
  { path: '/sse/connections/{connection}', methods: ['DELETE'], weight: 3 },
  { path: '/sse/revocations', methods: ['POST'], fields: ['userId'], weight: 3 },
  { path: '/', methods: ['GET'], weight: 1 },
];
