import { encodeCursor } from '../../core/cursor.ts';
import { endOf } from '../../core/log/segment.ts';
import type { Principal } from '../../core/principal.ts';
import { rightsFingerprint } from '../../core/principal.ts';
import type { Task } from '../../core/task/task.ts';
import { TASK_STATUSES } from '../../core/task/task.ts';
import { canSee } from '../../core/visibility.ts';
import type { EventLog } from '../aws/event-log.ts';
import type { TaskStore } from '../aws/task-store.ts';
import { HttpError } from '../http/answer.ts';

/** What `GET /tasks` asks for. */
export interface ListQuery {
  readonly filter: Partial<Pick<Task, 'status' | 'assigned_to_agent' | 'archived'>>;
  readonly limit: number;
  /** Only tasks with a higher id; 0 for the first page. */
  readonly after: number;
}

const HIGHEST_LIMIT = 1000;

/** One request reads no more items than this, however few of them match: what bounds its cost. */
const MOST_ITEMS_READ = 5000;

/** The least that one query reads: filters may leave little of it. Items. */
const LEAST_ITEMS_READ = 100;

/**
 * A page ends before its tasks pass this, bytes of the function's result: Lambda takes 6 MB, whatever the `limit`. The
 * body is JSON within JSON there, in which a control character becomes seven bytes. A task alone is far below it: an
 * item has at most 400 KB.
 */
const MOST_RESULT_BYTES = 5 * 1024 * 1024;

const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  status: (text) => TASK_STATUSES.find((status) => status === text),
  assigned_to_agent: readFlag,
  archived: readFlag,
};

const RULES: Readonly<Record<string, string>> = {
  status: `one of ${TASK_STATUSES.join(', ')}`,
  assigned_to_agent: 'true or false',
  archived: 'true or false',
};

/**
 * Reads the query parameters of `GET /tasks`.
 * @throws {HttpError} 400 naming the parameter.
 */
export function readListQuery(parameters: Readonly<Record<string, string | undefined>>): ListQuery {
  const filter: Record<string, unknown> = {};
  for (const [name, text = ''] of Object.entries(parameters)) {
    if (name === 'limit' || name === 'cursor') continue;
    if (!Object.hasOwn(READERS, name)) {
      const known = [...Object.keys(READERS), 'limit', 'cursor'].join(', ');
      throw new HttpError(400, 'invalid_parameter', `unknown parameter "${name.slice(0, 64)}": use ${known}`);
    }
    filter[name] = READERS[name]!(text);
    if (filter[name] === undefined)
      throw new HttpError(400, 'invalid_parameter', `"${name}" must be ${RULES[name]}`);
  }
  return { filter, limit: readLimit(parameters['limit']), after: readPageCursor(parameters['cursor']) };
}

/** A page of tasks; `nextCursor` is there when there may be more. */
export interface TaskList {
  readonly tasks: readonly Task[];
  readonly nextCursor?: string;
  /** On the first page: the cursor from which a stream goes on where this page and those after it end. */
  readonly streamCursor?: string;
}

/** The page that a query asks for, of the tasks that the principal may see. */
export async function listTasks(
  store: Pick<TaskStore, 'page'>,
  log: Pick<EventLog, 'readHead'>,
  principal: Principal,
  query: ListQuery,
): Promise<TaskList> {
  if (query.after > 0) return readPage(store, principal, query);
  // The log first: whatever it holds was in the table before, so the tasks read now have it. The other way round, a
  // change between the two reads would be in neither.
  const head = await log.readHead(principal.workspace);
  const page = await readPage(store, principal, query);
  return { ...page, streamCursor: encodeCursor(endOf(head), rightsFingerprint(principal)) };
}

async function readPage(
  store: Pick<TaskStore, 'page'>,
  principal: Principal,
  { filter, limit, after }: ListQuery,
): Promise<TaskList> {
  const wanted = Object.entries(filter) as [keyof Task, unknown][];
  const tasks: Task[] = [];
  let position = after;
  let bytes = 0;
  for (let read = 0; read < MOST_ITEMS_READ;) {
    const chunk = Math.min(HIGHEST_LIMIT, MOST_ITEMS_READ - read, Math.max(limit + 1, LEAST_ITEMS_READ));
    const page = await store.page(principal.workspace, position, chunk);
    for (const task of page.tasks) {
      if (!canSee(principal, task) || wanted.some(([field, value]) => task[field] !== value)) continue;
      bytes += resultBytes(task);
      // One more than there is room for has been found: the page ends with the one before.
      if (tasks.length === limit || (tasks.length > 0 && bytes > MOST_RESULT_BYTES))
        return { tasks, nextCursor: encodePageCursor(tasks.at(-1)!.id) };
      tasks.push(task);
    }
    if (page.next === undefined) return { tasks };
    position = page.next;
    read += chunk;
  }
  return { tasks, nextCursor: encodePageCursor(position) };
}

/** What a task takes of the function's result, bytes. */
function resultBytes(task: Task): number {
  return Buffer.byteLength(JSON.stringify(JSON.stringify(task)));
}

function readFlag(text: string): boolean | undefined {
  return text === 'true' ? true : text === 'false' ? false : undefined;
}

function readLimit(text: string | undefined): number {
  if (text === undefined) return HIGHEST_LIMIT;
  const limit = /^[1-9][0-9]{0,3}$/.test(text) ? Number(text) : Number.NaN;
  if (!(limit <= HIGHEST_LIMIT)) {
    throw new HttpError(
      400,
      'invalid_parameter',
      `"limit" must be a whole number from 1 to ${HIGHEST_LIMIT}`,
    );
  }
  return limit;
}

/** @param id of a task; or of an item that a script wrote, which may be no whole number. */
function encodePageCursor(id: number): string {
  return Buffer.from(`after:${id}`).toString('base64url');
}

function readPageCursor(text: string | undefined): number {
  if (text === undefined) return 0;
  const match = /^after:([0-9][0-9.e-]{0,30})$/.exec(Buffer.from(text, 'base64url').toString('latin1'));
  const id = Number(match?.[1]);
  if (!(id > 0 && id <= Number.MAX_SAFE_INTEGER)) {
    throw new HttpError(
      400,
      'invalid_cursor',
      '"cursor" must be the nextCursor of the page before, unchanged',
    );
  }
  return id;
}
