import { eventsParameters, historyOrders, usualEventsLimit } from '../../protocol/parameters.ts';
import type { HistoryAnswer, HistoryPorts, HistoryQuery } from '../../core/history/history.ts';
import { readHistory } from '../../core/history/history.ts';
import { Refusal } from '../../core/refusal.ts';
import type { Filter } from '../../core/subscription/filter.ts';
import { readFilter } from '../../core/subscription/filter.ts';
import type { Principal } from '../../core/subscription/principal.ts';
import { readTime } from '../../core/time.ts';
import type { Query } from './query.ts';
import { readLimit, refuseUnknown } from './query.ts';
import { mostResultBytes, resultBytes } from './result-size.ts';

/** What `GET /events` asks for. */
export interface EventsQuery extends HistoryQuery {
  readonly filter: Filter;
  readonly limit: number;
}

/**
 * Reads the query parameters of `GET /events`.
 * @throws {Refusal} 400 naming the parameter.
 */
export function readEventsQuery(query: Query): EventsQuery {
  refuseUnknown(query, eventsParameters);
  const { since, types, limit, cursor } = query;
  const [usualOrder] = historyOrders;
  const order = historyOrders.find((each) => each === (query['order'] ?? usualOrder));
  if (order === undefined) {
    throw new Refusal('invalid_parameter', `"order" must be ${historyOrders.join(' or ')}`);
  }
  return {
    filter: readFilter({ ...query, events: types }, 'types'),
    since: since === undefined ? undefined : readTime('since', since),
    order,
    limit: readLimit(limit, usualEventsLimit),
    cursor,
  };
}

/** A page of events as clients get it. */
export interface EventsPage {
  readonly events: readonly unknown[];
  /** Whether nothing is missing in it, and if something is, why. */
  readonly complete: boolean;
  readonly reason?: HistoryAnswer['missing'];
  readonly nextCursor: string | undefined;
  readonly streamCursor: string | undefined;
}

/**
 * The page that a query asks for.
 * @throws {Refusal} 400 when its cursor was not given to this principal; what the tables throw.
 */
export async function listEvents(
  ports: HistoryPorts,
  principal: Principal,
  { filter, limit, ...query }: EventsQuery,
): Promise<EventsPage> {
  const room = { limit, most: mostResultBytes, weigh: resultBytes };
  const { events, missing, ...cursors } = await readHistory(ports, { principal, filter }, query, room);
  return {
    events: events.map((json) => JSON.parse(json) as unknown),
    complete: missing === undefined,
    ...(missing !== undefined && { reason: missing }),
    ...cursors,
  };
}
