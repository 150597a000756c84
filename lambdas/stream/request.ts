import { errorsHeader, lastEventIdHeader } from '../../protocol/headers.ts';
import { leaseSeconds as leaseBounds } from '../../protocol/parameters.ts';
import { paths, streamRoutes } from '../../protocol/routes.ts';
import type { ReturnMark } from '../../protocol/cursor.ts';
import { isTerminal, returnMarkOf, withoutReturnMark, withoutTerminalMark } from '../../protocol/cursor.ts';
import type { Filter } from '../../core/subscription/filter.ts';
import { readFilter, readFlag } from '../../core/subscription/filter.ts';
import { Refusal } from '../../core/refusal.ts';
import { readTime } from '../../core/time.ts';
import type { WantedStart } from '../../core/session/start.ts';
import type { HostRequest } from './host.ts';

/** What a client asks of its stream. */
export interface StreamRequest extends WantedStart {
  /** What the cursor says of the client's stream before; undefined where it says nothing. */
  readonly returning: ReturnMark | undefined;
  /** Whether task events carry their type as `event:` too. */
  readonly named: boolean;
  readonly filter: Filter;
  /** Whether it is to tell of other users too. */
  readonly presence: boolean | undefined;
  /** How long the stream lives without a sign of the client, seconds; undefined for one that needs none. */
  readonly leaseSeconds: number | undefined;
  /** Whether passing trouble is answered with its real status: for clients that are not EventSource. */
  readonly realStatus: boolean;
}

/** How every cursor begins, and no time does: with the identity of its log. */
const cursorStart = /^[0-9a-f]{16}\./;

/**
 * Reads the request for a stream.
 * @returns `unwanted` for a client that comes back by itself after an end that wants no reconnect: its header repeats
 *   the id of that end. Whoever means it gives the cursor in the query.
 * @throws {Refusal} 404, 405 or 400.
 */
export function readStreamRequest({ method, path, headers, query }: HostRequest): StreamRequest | 'unwanted' {
  if (path !== paths.stream) {
    throw new Refusal('not_found', `there is nothing at this path: streams are at ${paths.stream}`);
  }
  const methods = streamRoutes[paths.stream];
  if (!methods.some((each) => each === method)) {
    throw new Refusal('method_not_allowed', 'open the stream with GET', { methods });
  }
  const leaseSeconds = readLease(lastOf(query['lease']) ?? query['lease']);
  const lastEventId = lastOf(headers[lastEventIdHeader]);
  if (lastEventId !== undefined && isTerminal(lastEventId)) return 'unwanted';
  const since = lastOf(query['since']);
  const isCursor = since !== undefined && cursorStart.test(since);
  // The header is fresher than a URL that EventSource repeats as it was.
  const cursor = lastEventId ?? lastOf(query['lastEventId']) ?? (isCursor ? since : undefined);
  return {
    cursor: cursor === undefined ? undefined : withoutReturnMark(withoutTerminalMark(cursor)),
    since: since === undefined || isCursor ? undefined : readTime('since', since),
    returning: returnMarkOf(cursor ?? ''),
    named: lastOf(query['named']) === 'true',
    filter: readFilter(query),
    presence: readFlag('presence', lastOf(query['presence'])),
    leaseSeconds,
    realStatus: wantsStatus({ headers }),
  };
}

/** Whether the client can bear another status than 200 for what will pass. */
export function wantsStatus({ headers }: Pick<HostRequest, 'headers'>): boolean {
  return headers[errorsHeader]?.toLowerCase() === 'status';
}

/**
 * The last value of a header or parameter that may have come more than once; Lambda puts a comma between them. None of
 * those that are read here has a comma in it.
 */
function lastOf(values: string | undefined): string | undefined {
  return values?.split(/[ \t]*,[ \t]*/).findLast((value) => value !== '');
}

function readLease(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const { least, most } = leaseBounds;
  const seconds = /^[0-9]{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (seconds >= least && seconds <= most) return seconds;
  throw new Refusal(
    'invalid_parameter',
    `"lease" must be a whole number of seconds from ${least} to ${most}`,
  );
}
