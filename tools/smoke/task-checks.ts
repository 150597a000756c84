import { entityTag } from '../../protocol/entity-tag.ts';
import { ifMatchHeader } from '../../protocol/headers.ts';
import { pathTo, paths } from '../../protocol/routes.ts';
import type { Deployment } from './deployment.ts';
import { SmokeFailure } from './failure.ts';
import { expectUncached, isObject, objectOf, unexpectedAnswer } from './http-answer.ts';
import type { HttpAnswer } from './http-answer.ts';
import type { StepOutcome } from './steps.ts';

/** A task that the test has made. */
export interface SmokeTask {
  readonly id: number;
  readonly name: string;
  readonly version: number;
  /** When its POST began, milliseconds of `performance.now()`. */
  readonly createdAt: number;
}

/** The most pages of tasks that are read; more than 10,000 tasks are no place for a smoke test. */
const mostPages = 20;

function taskOf(answer: HttpAnswer, status: number): Readonly<Record<string, unknown>> {
  const { task } = objectOf(answer, status);
  if (isObject(task) && Number.isSafeInteger(task['id']) && Number.isSafeInteger(task['version']))
    return task;
  throw new SmokeFailure(
    `${answer.request} answered ${status} without a task that has an id and a version`,
    'the API that answers is not of a version that this test knows',
    'run the smoke test of the version that is deployed',
  );
}

/** Reads the list of tasks, all pages; fails when the task with this id is not in it, where one is given. */
export async function listTasks(
  deployment: Deployment,
  signal: AbortSignal,
  wanted?: number,
): Promise<StepOutcome<true>> {
  let count = 0;
  let cursor: unknown;
  for (let page = 1; page <= mostPages; page += 1) {
    const query = typeof cursor === 'string' ? `?cursor=${encodeURIComponent(cursor)}` : '';
    const answer = await deployment.request('GET', `${paths.tasks}${query}`, { signal });
    const { tasks, nextCursor } = objectOf(answer, 200);
    if (!Array.isArray(tasks)) throw unexpectedAnswer(answer, 'a list under "tasks"');
    expectUncached(answer);
    count += tasks.length;
    const found = tasks.some((task: unknown) => isObject(task) && task['id'] === wanted);
    if (found || nextCursor === undefined) {
      if (found || wanted === undefined) return { value: true, found: `${count} tasks read` };
      break;
    }
    cursor = nextCursor;
  }
  throw new SmokeFailure(
    `GET /tasks does not list task ${wanted}, which was just created (${count} tasks read)`,
    'lists are answered from something older than the table: a cache, or another stage',
    'check that every path of the API leads to the same stage, and that nothing on the way caches',
  );
}

/** Creates a task of this name and gives it to `onCreated`, so that it is removed whatever comes next. */
export async function createTask(
  deployment: Deployment,
  signal: AbortSignal,
  name: string,
  onCreated: (id: number) => void,
): Promise<StepOutcome<SmokeTask>> {
  const createdAt = performance.now();
  const answer = await deployment.request('POST', paths.tasks, { signal, body: { name } });
  const task = taskOf(answer, 201);
  const [id, version] = [Number(task['id']), Number(task['version'])];
  onCreated(id);
  if (task['name'] !== name || answer.headers.get('location') !== pathTo(paths.task, id)) {
    throw unexpectedAnswer(answer, `the name ${name}, and the Location /tasks/${id}`);
  }
  expectUncached(answer);
  return { value: { id, name, version, createdAt }, found: `task ${id}` };
}

/** Reads a task and compares its fields with the wanted values. */
export async function readTask(
  deployment: Deployment,
  signal: AbortSignal,
  id: number,
  wanted: Readonly<Record<string, unknown>>,
): Promise<StepOutcome<true>> {
  const answer = await deployment.request('GET', pathTo(paths.task, id), { signal });
  const task = taskOf(answer, 200);
  const differing = Object.entries(wanted).find(([field, value]) => task[field] !== value);
  if (differing !== undefined) {
    const [field, value] = differing;
    throw new SmokeFailure(
      `GET /tasks/${id} gives ${field} ${JSON.stringify(task[field])}; wanted ${JSON.stringify(value)}`,
      'a write was answered with success, but what is read afterwards does not have it: it was lost, or reads are cached',
      'look at the log of the tasks function for this write; check that nothing on the way caches',
    );
  }
  if (answer.headers.get('etag') !== `"${Number(task['version'])}"`) {
    throw new SmokeFailure(
      `GET /tasks/${id} has the ETag ${answer.headers.get('etag') ?? '(none)'}; wanted the version in quotes`,
      'something on the way drops or rewrites the ETag, so If-Match cannot work',
      'switch compression or rewriting off on the way; let the edge forward the header',
    );
  }
  return { value: true, found: `version ${Number(task['version'])}` };
}

/** Moves a task to another status with If-Match, and tries the same again: that must be refused. */
export async function moveTask(
  deployment: Deployment,
  signal: AbortSignal,
  { id, version }: SmokeTask,
  status: string,
): Promise<StepOutcome<{ readonly began: number }>> {
  const began = performance.now();
  const request = { signal, body: { status }, headers: { [ifMatchHeader]: entityTag(version) } };
  const answer = await deployment.request('PATCH', pathTo(paths.task, id), request);
  const task = taskOf(answer, 200);
  if (task['status'] !== status || Number(task['version']) <= version) {
    throw unexpectedAnswer(answer, `the status ${status} and a version above ${version}`);
  }
  await readTask(deployment, signal, id, { status, version: task['version'] });
  const stale = await deployment.request('PATCH', pathTo(paths.task, id), request);
  if (stale.status !== 412) throw unexpectedAnswer(stale, '412 for an If-Match that has become stale');
  return { value: { began }, found: `now ${status}; a stale If-Match is refused` };
}

/** Deletes a task and sees that it is gone. */
export async function deleteTask(
  deployment: Deployment,
  signal: AbortSignal,
  id: number,
): Promise<StepOutcome<{ readonly began: number }>> {
  const began = performance.now();
  const answer = await deployment.request('DELETE', pathTo(paths.task, id), { signal });
  if (objectOf(answer, 200)['success'] !== true) throw unexpectedAnswer(answer, '"success": true');
  const gone = await deployment.request('GET', pathTo(paths.task, id), { signal });
  if (gone.status !== 404) {
    throw new SmokeFailure(
      `GET /tasks/${id} answered ${gone.status} after the task was deleted; wanted 404`,
      'the delete was answered with success, but the task is still there, or reads are cached',
      'look at the log of the tasks function; check that nothing on the way caches',
    );
  }
  return { value: { began }, found: `task ${id} is gone` };
}

/** Removes what the test has made. Tasks that are gone already are fine. */
export async function removeTasks(
  deployment: Deployment,
  signal: AbortSignal,
  ids: ReadonlySet<number>,
): Promise<StepOutcome<true>> {
  const left: string[] = [];
  for (const id of ids) {
    const status = await deployment.request('DELETE', pathTo(paths.task, id), { signal }).then(
      (answer) => answer.status,
      () => undefined,
    );
    if (status !== 200 && status !== 404) left.push(`${id} (${status ?? 'no answer'})`);
  }
  if (left.length > 0) {
    throw new SmokeFailure(
      `these tasks of the test are left over: ${left.join(', ')}`,
      'they could not be deleted',
      'delete them with DELETE /tasks/{id}',
    );
  }
  return { value: true, found: `${ids.size} tasks made, none left` };
}
