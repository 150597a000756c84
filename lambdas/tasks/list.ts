import { randomBytes } from 'node:crypto';
import { CursorSeal } from '../../core/log/cursor.ts';
import { endOf } from '../../core/log/segment.ts';
import type { PageCursorOwner } from '../../core/task/page-cursor.ts';
import { nonceBytes, openPageCursor, sealPageCursor } from '../../core/task/page-cursor.ts';
import type { Principal } from '../../core/subscription/principal.ts';
import { highestLimit, listParameters } from '../../protocol/parameters.ts';
import type { Task } from '../../protocol/task.ts';
import type { Filter } from '../../core/subscription/filter.ts';
import { matches, readFilter, readFlag } from '../../core/subscription/filter.ts';
import { canSee } from '../../core/subscription/visibility.ts';
import type { EventLog } from '../shared/dynamodb/event-log.ts';
import type { TaskStore } from '../shared/dynamodb/task-store.ts';
import { Refusal } from '../../core/refusal.ts';
import type { Query } from './query.ts';
import { readLimit, refuseUnknown } from './query.ts';
import { mostResultBytes, resultBytes } from './result-size.ts';

/** What `GET /tasks` asks for. */
export interface ListQuery {
  readonly filter: Filter;
  /** Whether the tasks that are put away are wanted, or the others; undefined for all. */
  readonly archived: boolean | undefined;
  readonly limit: number;
  /** The `nextCursor` of the page before, as the client gave it; undefined for the first page. */
  readonly cursor: string | undefined;
}

/**
 * A page ends when its tasks have cost so much, read units of 4 KB, however few of them match: what bounds its cost. What
 * the tasks to come will cost is guessed from those before; a wrong guess costs what a query can, which ends at 1 MB.
 * Source: "Query", DynamoDB API reference.
 */
export const pageUnits = 128;

/** How many items the first query of a page reads, and how many times more each next one: a guess is made of few. */
const firstItems = 32;
const growth = 32;

/**
 * Reads the query parameters of `GET /tasks`.
 * @throws {Refusal} 400 naming the parameter.
 */
export function readListQuery(parameters: Query): ListQuery {
  refuseUnknown(parameters, listParameters);
  return {
    filter: readFilter(parameters),
    archived: readFlag('archived', parameters['archived']),
    limit: readLimit(parameters['limit'], highestLimit),
    cursor: parameters['cursor'],
  };
}

/** A page of tasks; `nextCursor` is there when there may be more. */
export interface TaskList {
  readonly tasks: readonly Task[];
  readonly nextCursor?: string;
  /** On the first page: the cursor from which a stream goes on where this page and those after it end. */
  readonly streamCursor?: string;
}

/**
 * The page that a query asks for, of the tasks that the principal may see.
 * @throws {Refusal} 400 when its cursor was not given to this principal; what the tables throw.
 */
export async function listTasks(
  store: Pick<TaskStore, 'page'>,
  log: Pick<EventLog, 'openHead' | 'readIdentity'>,
  principal: Principal,
  query: ListQuery,
): Promise<TaskList> {
  if (query.cursor !== undefined) {
    const owner = { identity: await log.readIdentity(principal.workspace), principal };
    return readPage(store, owner, query, readPageCursor(owner, query.cursor));
  }
  // The log first: whatever it holds was in the table before, so the tasks read now have it. The other way round, a
  // change between the two reads would be in neither.
  const head = await log.openHead(principal.workspace);
  const page = await readPage(store, { identity: head, principal }, query, 0);
  return { ...page, streamCursor: new CursorSeal(head, principal).seal(endOf(head)) };
}

interface PageOwner extends PageCursorOwner {
  readonly principal: Principal;
}

async function readPage(
  store: Pick<TaskStore, 'page'>,
  owner: PageOwner,
  { filter, archived, limit }: ListQuery,
  after: number,
): Promise<TaskList> {
  const { principal } = owner;
  const isWanted = (task: Task): boolean =>
    matches(filter, task.id, task) === true && (archived === undefined || task.archived === archived);
  const endsAfter = (id: number): string => sealPageCursor(owner, id, randomBytes(nonceBytes));
  const tasks: Task[] = [];
  let position = after;
  let bytes = 0;
  let units = 0;
  let scanned = 0;
  for (let items = Math.min(limit + 1, firstItems); items > 0;) {
    const page = await store.page(principal.workspace, position, items);
    for (const task of page.tasks) {
      if (!canSee(principal, task) || !isWanted(task)) continue;
      bytes += resultBytes(JSON.stringify(task));
      // One more than there is room for has been found: the page ends with the one before.
      if (tasks.length === limit || (tasks.length > 0 && bytes > mostResultBytes))
        return { tasks, nextCursor: endsAfter(tasks.at(-1)!.id) };
      tasks.push(task);
    }
    if (page.next === undefined) return { tasks };
    position = page.next;
    units += page.units;
    scanned += items;
    // As many as are missing, where of those to come as many are wanted as of those before.
    const missing = Math.ceil(((limit + 1 - tasks.length) * scanned) / Math.max(1, tasks.length));
    items = Math.min(growth * items, missing, itemsFor(pageUnits - units, page.units / items));
  }
  return { tasks, nextCursor: endsAfter(position) };
}

/** How many items to read next for what is left, when each costs as much as the last ones; units. 0: no more. */
function itemsFor(left: number, each: number): number {
  return Math.max(0, Math.min(highestLimit, Math.floor(left / each)));
}

function readPageCursor(owner: PageCursorOwner, text: string): number {
  const after = openPageCursor(owner, text);
  if (after !== undefined) return after;
  const message = '"cursor" must be the nextCursor of the page before, unchanged, for the same user';
  throw new Refusal('invalid_cursor', message);
}
