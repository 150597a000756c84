/** What a query can say which tasks and events are wanted by. */
export const filterParameters = ['events', 'tasks', 'status', 'assigned_to_agent'] as const;

/** The most tasks that a filter may name. */
export const mostFilterTasks = 100;

/** What `GET /tasks` can be asked for by; the filter is that of a stream, which has no need of the rest. */
export const listParameters = [
  'status',
  'assigned_to_agent',
  'tasks',
  'archived',
  'limit',
  'cursor',
] as const;

/** What `GET /events` can be asked for by. */
export const eventsParameters = [
  'since',
  'types',
  'tasks',
  'status',
  'assigned_to_agent',
  'order',
  'limit',
  'cursor',
] as const;

/** What a stream can be asked for by; others are no fault, since some clients add their own. */
export const streamParameters = [
  'ticket',
  'token',
  'lastEventId',
  'since',
  'named',
  'events',
  'tasks',
  'status',
  'assigned_to_agent',
  'presence',
  'lease',
] as const;

export const historyOrders = ['oldest', 'newest'] as const;

export type HistoryOrderName = (typeof historyOrders)[number];

/** The most that a page of anything holds. */
export const highestLimit = 1000;

/** How many events a page holds where the query does not say. */
export const usualEventsLimit = 100;

/** How long a stream, or a page, may live without a sign of its client, seconds. */
export const leaseSeconds = { least: 10, most: 300 } as const;
