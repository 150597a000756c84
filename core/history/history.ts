import type { ResumeReason } from '../../protocol/frames.ts';
import type { Clock } from '../clock.ts';
import type { Position } from '../log/cursor.ts';
import { CursorSeal, startOf } from '../log/cursor.ts';
import type { PageReader } from '../log/page-reader.ts';
import type { OpenHead } from '../log/segment.ts';
import { endOf } from '../log/segment.ts';
import { Refusal } from '../refusal.ts';
import type { CurrentTasks } from '../subscription/past.ts';
import type { Subscription } from '../subscription/subscription.ts';
import type { PageRoom } from './history-page.ts';
import { HistoryPage, PageEnd } from './history-page.ts';
import type { HistoryOrder, Walk } from './order.ts';
import { NewestFirst } from './newest-first.ts';
import { OldestFirst } from './oldest-first.ts';

/** What of the history is asked for. */
export interface HistoryQuery {
  readonly order: 'oldest' | 'newest';
  /** Nothing that was logged before, epoch milliseconds; undefined for all that is kept. */
  readonly since: number | undefined;
  /** The `nextCursor` of the page before, as the client gave it; undefined for the first page. */
  readonly cursor: string | undefined;
}

/** One page, with cursors as clients get them. */
export interface HistoryAnswer {
  /** The JSON of each event. */
  readonly events: readonly string[];
  /** Why something is missing in it; undefined where nothing is. */
  readonly missing: ResumeReason | undefined;
  /** Undefined on the last page. */
  readonly nextCursor: string | undefined;
  /** On the first page: from where a stream tells what comes after. */
  readonly streamCursor: string | undefined;
}

export interface HistoryPorts {
  readonly reader: Pick<PageReader, 'openHead' | 'seek' | 'readBelow'>;
  readonly tasks: CurrentTasks;
  readonly clock: Clock;
}

/**
 * One page of what was logged, for one reader, by the rule of `isToldOfThePast`.
 * @throws {Refusal} `invalid_cursor`; whatever the tables throw.
 */
export async function readHistory(
  { reader, tasks, clock }: HistoryPorts,
  subscription: Subscription,
  { order, since, cursor }: HistoryQuery,
  room: PageRoom,
): Promise<HistoryAnswer> {
  const { principal } = subscription;
  const { workspace } = principal;
  const head = await reader.openHead(workspace);
  const seal = new CursorSeal(head, principal);
  const page = new HistoryPage(subscription, room, tasks, clock);
  const walk: Walk = { reader, clock, workspace, head, since, page };
  const from = cursor === undefined ? undefined : openCursor(seal, cursor, head);
  const way: HistoryOrder =
    order === 'newest'
      ? new NewestFirst(walk, from ?? endOf(head))
      : new OldestFirst(walk, from ?? (await findOldest(walk)));
  const isLast = await way.fill().then(
    () => true,
    (error: unknown) => {
      if (error instanceof PageEnd) return false;
      throw error;
    },
  );
  return {
    events: page.events,
    missing: page.missing,
    nextCursor: isLast ? undefined : seal.seal(way.position),
    streamCursor: cursor === undefined ? seal.seal(endOf(head)) : undefined,
  };
}

function openCursor(seal: CursorSeal, cursor: string, head: OpenHead): Position {
  const position = seal.open(cursor);
  if (typeof position !== 'string' && position.segment <= head.last + 1) {
    const { log, segment, change, frame } = position;
    return { log, segment, change, frame };
  }
  const message =
    '"cursor" must be the nextCursor of the page before, unchanged, for the same user with the same rights: begin again without it';
  throw new Refusal('invalid_cursor', message);
}

async function findOldest({ reader, clock, workspace, head, since, page }: Walk): Promise<Position> {
  const { segment, isComplete, units } = await reader.seek(workspace, head, since ?? 0);
  page.pace.spend(units, clock.now());
  if (!isComplete && since !== undefined) page.missing = 'history_expired';
  return startOf(head.log, segment);
}
