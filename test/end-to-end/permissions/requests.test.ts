import { isDeepStrictEqual } from 'node:util';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Answered, Who } from '../stack.ts';
import { TestStack } from '../stack.ts';
import type { Role } from './cast.ts';
import { castMembers, readTable, allRoles } from './cast.ts';

/**
 * Each task has a twin of the same id in the other workspace, created there by the creator's namesake. A cell says what
 * the request comes to: the status of a refusal, `ours` for the task itself, `twin` for the twin, `-` for a list
 * that has neither.
 */
const permissionTable = readTable(`
  task                 | request          | creator | assignee | member | look-alike | admin | namesake | other admin
  workspace            | GET              | ours    | ours     | ours   | ours       | ours  | twin     | twin
  workspace            | list             | ours    | ours     | ours   | ours       | ours  | twin     | twin
  workspace            | PATCH name       | ours    | ours     | ours   | ours       | ours  | twin     | twin
  workspace            | PATCH visibility | ours    | 403      | 403    | 403        | ours  | twin     | twin
  workspace            | PATCH assignees  | ours    | 403      | 403    | 403        | ours  | twin     | twin
  workspace            | DELETE           | ours    | ours     | ours   | ours       | ours  | twin     | twin
  workspace, assigned  | GET              | ours    | ours     | ours   | ours       | ours  | twin     | twin
  workspace, assigned  | PATCH visibility | ours    | 403      | 403    | 403        | ours  | twin     | twin
  workspace, assigned  | PATCH assignees  | ours    | 403      | 403    | 403        | ours  | twin     | twin
  without creator      | GET              | ours    | ours     | ours   | ours       | ours  | twin     | twin
  without creator      | PATCH name       | ours    | ours     | ours   | ours       | ours  | twin     | twin
  without creator      | PATCH visibility | 403     | 403      | 403    | 403        | ours  | twin     | twin
  without creator      | PATCH assignees  | 403     | 403      | 403    | 403        | ours  | twin     | twin
  without creator      | DELETE           | ours    | ours     | ours   | ours       | ours  | twin     | twin
  private              | GET              | ours    | 404      | 404    | 404        | ours  | 404      | twin
  private              | list             | ours    | -        | -      | -          | ours  | -        | twin
  private              | PATCH name       | ours    | 404      | 404    | 404        | ours  | 404      | twin
  private              | PATCH visibility | ours    | 404      | 404    | 404        | ours  | 404      | twin
  private              | PATCH assignees  | ours    | 404      | 404    | 404        | ours  | 404      | twin
  private              | PATCH nonsense   | 400     | 404      | 404    | 404        | 400   | 404      | 400
  private              | PATCH no JSON    | 400     | 404      | 404    | 404        | 400   | 404      | 400
  private              | PATCH stale      | 412     | 404      | 404    | 404        | 412   | 404      | 412
  private              | DELETE           | ours    | 404      | 404    | 404        | ours  | 404      | twin
  private              | DELETE stale     | 412     | 404      | 404    | 404        | 412   | 404      | 412
  private, assigned    | GET              | ours    | ours     | 404    | 404        | ours  | 404      | twin
  private, assigned    | list             | ours    | ours     | -      | -          | ours  | -        | twin
  private, assigned    | PATCH name       | ours    | ours     | 404    | 404        | ours  | 404      | twin
  private, assigned    | PATCH visibility | ours    | 403      | 404    | 404        | ours  | 404      | twin
  private, assigned    | PATCH assignees  | ours    | 403      | 404    | 404        | ours  | 404      | twin
  private, assigned    | DELETE           | ours    | ours     | 404    | 404        | ours  | 404      | twin
  private, no creator  | GET              | 404     | ours     | 404    | 404        | ours  | 404      | twin
  private, no creator  | PATCH name       | 404     | ours     | 404    | 404        | ours  | 404      | twin
  private, no creator  | PATCH visibility | 404     | 403      | 404    | 404        | ours  | 404      | twin
  private, no creator  | PATCH assignees  | 404     | 403      | 404    | 404        | ours  | 404      | twin
  private, no creator  | DELETE           | 404     | ours     | 404    | 404        | ours  | 404      | twin
`);

const sampleTasks: Readonly<Record<string, object>> = {
  workspace: { visibility: 'workspace' },
  'workspace, assigned': { visibility: 'workspace', assignees: ['ann'] },
  private: { visibility: 'private' },
  'private, assigned': { visibility: 'private', assignees: ['ann'] },
  // A script has taken the creator away.
  'without creator': { visibility: 'workspace' },
  'private, no creator': { visibility: 'private', assignees: ['ann'] },
};

type Send = (who: Who, id: number) => Promise<Answered>;

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start();
});
afterAll(() => stack.close());

const patch =
  (body: unknown, headers: Record<string, string> = {}): Send =>
  (who, id) =>
    stack.request(who, 'PATCH', `/tasks/${id}`, body, headers);

const stale = { 'if-match': '"77"' };

const requests: Readonly<Record<string, Send>> = {
  GET: (who, id) => stack.request(who, 'GET', `/tasks/${id}`),
  list: (who) => stack.request(who, 'GET', '/tasks'),
  'PATCH name': patch({ name: 'changed' }),
  'PATCH visibility': patch({ visibility: 'private', priority: 9 }),
  'PATCH assignees': patch({ assignees: ['mike', 'Carol'] }),
  'PATCH nonsense': patch({ owner: 'mike' }),
  'PATCH no JSON': patch('{'),
  'PATCH stale': patch({ name: 'changed' }, stale),
  DELETE: (who, id) => stack.request(who, 'DELETE', `/tasks/${id}`),
  'DELETE stale': (who, id) => stack.request(who, 'DELETE', `/tasks/${id}`, undefined, stale),
};

interface Pair {
  readonly id: number;
  readonly ours: Record<string, unknown>;
  readonly twin: Record<string, unknown>;
}

/** A task and its twin, as the table holds them. The twin of a private task belongs to nobody of the cast. */
async function createPair(kind: string): Promise<Pair> {
  const body = sampleTasks[kind]!;
  const owner: Who = kind.startsWith('private') ? { sub: 'omar', workspace: 'Acme' } : castMembers.namesake;
  const [ours, twin] = await Promise.all([
    stack.request(castMembers.creator, 'POST', '/tasks', { name: 'ours', description: 'of acme', ...body }),
    stack.request(owner, 'POST', '/tasks', { name: 'twin', description: 'of Acme', ...body }),
  ]);
  const { id } = ours.body.task;
  expect(twin.body.task.id).toBe(id);
  if (kind.endsWith('creator')) {
    await stack.database.send(
      new UpdateCommand({
        TableName: stack.local.tables['tasks'],
        Key: { workspace: 'acme', id },
        UpdateExpression: 'REMOVE created_by',
      }),
    );
  }
  return { id, ours: (await item('acme', id))!, twin: (await item('Acme', id))! };
}

async function item(workspace: string, id: number): Promise<Record<string, unknown> | undefined> {
  const TableName = stack.local.tables['tasks'];
  const { Item } = await stack.database.send(
    new GetCommand({ TableName, Key: { workspace, id }, ConsistentRead: true }),
  );
  return Item;
}

/** Sends the request and says what it came to, by the answer and by what the table holds afterwards. */
async function outcome(send: Send, who: Who, { id, ours, twin }: Pair): Promise<string> {
  const { status, body } = await send(who, id);
  const isChanged = async (before: Record<string, unknown>): Promise<boolean> =>
    !isDeepStrictEqual(await item(String(before['workspace']), id), before);
  const touched = [(await isChanged(ours)) && 'ours', (await isChanged(twin)) && 'twin'].filter(Boolean);
  if (status !== 200) return [status, ...touched].join(' but changed ');
  if (touched.length > 0) return touched.join(' and ');
  const task = body.task ?? body.tasks.find((each: { id: number }) => each.id === id);
  if (task === undefined) return '-';
  return task.description === 'of acme' ? 'ours' : task.description === 'of Acme' ? 'twin' : 'unknown';
}

describe('who may do what', () => {
  it.each(
    permissionTable.map(({ labels: [kind, request], expected }) => [kind!, request!, expected] as const),
  )('with a task that is %s: %s', async (kind, request, expected) => {
    const pairs = new Map<Role, Pair>();
    // One after the other: the two workspaces number their tasks alike.
    for (const role of allRoles) pairs.set(role, await createPair(kind));
    const found = await Promise.all(
      allRoles.map(async (role) => [
        role,
        await outcome(requests[request]!, castMembers[role], pairs.get(role)!),
      ]),
    );
    expect(Object.fromEntries(found)).toEqual(expected);
  });

  it('is tested for every request, with every kind of task that makes a difference', () => {
    expect(new Set(permissionTable.map(({ labels }) => labels[1]))).toEqual(new Set(Object.keys(requests)));
    expect(new Set(permissionTable.map(({ labels }) => labels[0]))).toEqual(
      new Set(Object.keys(sampleTasks)),
    );
  });
});
