import { DeleteCommand, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Deliver } from '../../local/data/pump/batch-delivery.ts';
import type { Ended } from '../commands/command.ts';
import { runOperatorCommand } from '../operate/operator-command.ts';
import { LogBoard } from './log-board.ts';
import { SocketStream } from './socket-stream.ts';
import type { Who } from './stack.ts';
import { TestStack } from './stack.ts';

type Item = Readonly<Record<string, unknown>>;

/** Whether the fan-out is left out, as where its mapping was switched off. */
let isUnheard = false;
const wrapDeliver =
  (deliver: Deliver): Deliver =>
  async (records) =>
    isUnheard ? { batchItemFailures: [] } : deliver(records);

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start({ wrapDeliver });
});
afterAll(() => stack.close());

function run(file: string, workspace: string, flags: readonly string[] = []): Promise<Ended> {
  const { tables, databaseEndpoint } = stack.local;
  const location = ['--tasks-table', tables['tasks']!, '--events-table', tables['events']!];
  const known = [...location, '--endpoint', databaseEndpoint, '--workspace', workspace, '--settle', '0'];
  return runOperatorCommand(`operate/${file}.ts`, [...known, ...flags]);
}
const look = (workspace: string, flags?: readonly string[]): Promise<Ended> => run('log', workspace, flags);
const rebuild = (workspace: string, flags: readonly string[] = ['--apply']): Promise<Ended> =>
  run('log-rebuild', workspace, flags);

const events = (): string => stack.local.tables['events']!;

/** What the events table holds of a workspace. */
async function itemsOf(workspace: string): Promise<readonly Item[]> {
  const { Items: items = [] } = await stack.database.send(
    new QueryCommand({
      TableName: events(),
      KeyConditionExpression: 'workspace = :workspace',
      ExpressionAttributeValues: { ':workspace': workspace },
      ConsistentRead: true,
    }),
  );
  return items;
}

const withoutHead = (items: readonly Item[]): readonly Item[] => items.filter(({ segment }) => segment !== 0);

const remove = (workspace: string, segment: number): Promise<unknown> =>
  stack.database.send(new DeleteCommand({ TableName: events(), Key: { workspace, segment } }));

const put = (item: Item): Promise<unknown> =>
  stack.database.send(new PutCommand({ TableName: events(), Item: item }));

async function setHead(workspace: string, name: string, value: unknown): Promise<void> {
  await stack.database.send(
    new UpdateCommand({
      TableName: events(),
      Key: { workspace, segment: 0 },
      UpdateExpression: 'SET #name = :value',
      ExpressionAttributeNames: { '#name': name },
      ExpressionAttributeValues: { ':value': value },
    }),
  );
}

/** Writes that each get a segment of their own. */
async function create(who: Who, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await stack.request(who, 'POST', '/tasks', { name });
    await stack.local.pump.drained();
  }
}

/** What the table has, as a board shows it. */
async function shownOf(who: Who): Promise<Readonly<Record<number, string>>> {
  const { tasks } = (await stack.request(who, 'GET', '/tasks')).body as {
    readonly tasks: readonly { readonly id: number; readonly version: number; readonly name: string }[];
  };
  return Object.fromEntries(tasks.map(({ id, version, name }) => [id, `${version} ${name}`]));
}

/** How a log comes to be broken, and what is then said of it. Five segments are there. */
const broken: readonly (readonly [
  what: string,
  workspace: string,
  act: (workspace: string, who: Who) => Promise<unknown>,
  said: RegExp,
])[] = [
  [
    'whose head is gone',
    'gone',
    (workspace) => remove(workspace, 0),
    /there are segments up to 5 and no head|the head says that the last segment is 0, and there is 5/,
  ],
  [
    'whose head is behind',
    'behind',
    (workspace) => setHead(workspace, 'last', 3),
    /the head says that the last segment is 3, and there is 5/,
  ],
  [
    'whose head is ahead',
    'ahead',
    (workspace) => setHead(workspace, 'last', 9),
    /the head says that the last segment is 9, and the last one there is 5/,
  ],
  ['with a hole', 'hole', (workspace) => remove(workspace, 3), /segments are missing: 3 to 3/],
  [
    'whose head cannot be used',
    'unusable',
    (workspace) => setHead(workspace, 'last', 'five'),
    /the head cannot be used \(last: /,
  ],
  [
    'with a segment that cannot be read',
    'unreadable',
    async (workspace) => {
      const [, , , , , last] = await itemsOf(workspace);
      await put({ ...last, deflated: true, body: new Uint8Array([7, 7, 7]) });
    },
    /segment 5 cannot be read \(.*\): no stream gets past it/,
  ],
  [
    'that began again at 1, below what was there',
    'again',
    async (workspace, who) => {
      for (const segment of [0, 1, 2]) await remove(workspace, segment);
      await create(who, ['again one', 'again two']);
    },
    /the head says that the last segment is 2, and there is 5/,
  ],
];

describe('a log', () => {
  it.each(broken)(
    '%s is rebuilt: nobody misses anything, and appends go on',
    async (_, workspace, act, said) => {
      const who = { sub: 'alice', workspace };
      const other = { sub: 'alice', workspace: `${workspace}-beside` };
      await create(other, ['beside']);
      const beside = await stack.connect(other);
      const before = await itemsOf(other.workspace);
      await create(who, ['one', 'two']);
      const early = await LogBoard.open(stack, who);
      const { cursor: earlyCursor } = early.stream;
      early.stream.cut();
      const since = Date.now();
      await create(who, ['three', 'four', 'five']);
      const open = await LogBoard.open(stack, who);
      const { cursor: lateCursor } = open.stream;
      const token = await stack.local.issuer.sign(who);
      const socket = await SocketStream.open(`ws://localhost:${stack.local.port}/ws?token=${token}`);

      await act(workspace, who);
      const found = await itemsOf(workspace);
      const trial = await rebuild(workspace, []);
      expect(trial).toMatchObject({ code: 0, stderr: '' });
      expect(trial.stdout).toMatch(said);
      expect(trial.stdout).toMatch(/a new log would begin[^]+nothing was changed/);
      expect(withoutHead(await itemsOf(workspace))).toEqual(withoutHead(found));
      // Where there is none, whoever is connected makes one meanwhile.
      if (workspace !== 'gone') expect(await itemsOf(workspace)).toEqual(found);
      expect(await look(workspace)).toMatchObject({ code: 1, stdout: expect.stringMatching(said) });

      // While people work.
      const written = (async () => {
        for (const name of ['six', 'seven', 'eight']) await stack.request(who, 'POST', '/tasks', { name });
        await stack.request(who, 'PATCH', '/tasks/1', { name: 'one again' });
        await stack.request(who, 'DELETE', '/tasks/2');
      })();
      const runs = await Promise.all([rebuild(workspace), rebuild(workspace)]);
      expect(runs.map(({ code, stderr }) => ({ code, stderr }))).toEqual([
        { code: 0, stderr: '' },
        { code: 0, stderr: '' },
      ]);
      expect(runs.some(({ stdout }) => /the log [0-9a-f]{16} begins with segment \d+/.test(stdout))).toBe(
        true,
      );
      await written;
      await stack.local.pump.drained();

      const resumed = await LogBoard.from(stack, who, earlyCursor, early.tasks);
      const late = await LogBoard.from(stack, who, lateCursor, open.tasks);
      const past = await stack.connect(who, { since: String(since) });
      await past.until((frames) => frames.some(({ event, data }) => event === 'resume' && !data.complete));
      await stack.request(who, 'POST', '/tasks', { name: 'the mark' });
      for (const board of [open, resumed, late]) {
        await board.untilShown('the mark');
        // A stream that looks at the broken log before it is mended may be told for another reason.
        expect(board.resumes.map(({ complete }) => complete)).toContain(false);
        expect(board.shown).toEqual(await shownOf(who));
      }
      // Over a WebSocket a client hears with the next change, or with its next ping.
      await socket.until((frames) => frames.some(({ event }) => event === 'resume'));
      expect(socket.frames.find(({ event }) => event === 'resume')!.data).toMatchObject({ complete: false });
      socket.cut();
      const { body: history } = await stack.request(who, 'GET', `/events?since=${since}`);
      expect(history).toMatchObject({ complete: false });

      const mended = await itemsOf(workspace);
      expect(await rebuild(workspace)).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/nothing to mend/),
      });
      expect(await itemsOf(workspace)).toEqual(mended);
      expect(await look(workspace)).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/the log is whole/),
      });
      expect(await itemsOf(other.workspace)).toEqual(before);
      expect(beside.withoutPings).toHaveLength(1);
    },
  );

  it('that has not told what the table has is followed by another, and clients load what they have not heard of', async () => {
    const who = { sub: 'alice', workspace: 'unheard' };
    await create(who, ['one', 'two', 'three']);
    const open = await LogBoard.open(stack, who);
    // Of before: the open stream goes over to the new log by itself, sooner or later.
    const { cursor } = open.stream;
    isUnheard = true;
    await stack.request(who, 'PATCH', '/tasks/1', { name: 'one again' });
    await stack.request(who, 'DELETE', '/tasks/2');
    await stack.request(who, 'POST', '/tasks', { name: 'four' });
    await stack.local.pump.drained();
    isUnheard = false;

    const said = [
      'clients have not heard of version 2 of task 1: they were told version 1',
      'clients have not heard that task 2 is gone: they were told version 1',
      'clients have not heard of task 4, version 1',
    ].join('\n');
    const found = await itemsOf(who.workspace);
    const trial = await rebuild(who.workspace, []);
    expect(trial).toMatchObject({ code: 0, stdout: expect.stringContaining(said) });
    expect(trial.stderr).toBe('');
    expect(await itemsOf(who.workspace)).toEqual(found);
    expect(await rebuild(who.workspace)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/the log [0-9a-f]{16} begins with segment 4/),
    });
    const resumed = await LogBoard.from(stack, who, cursor, open.tasks);
    await stack.request(who, 'POST', '/tasks', { name: 'the mark' });
    for (const board of [open, resumed]) {
      await board.untilShown('the mark');
      expect(board.shown).toEqual(await shownOf(who));
    }
    expect(resumed.resumes).toEqual([{ complete: false, reason: 'unknown_cursor' }]);
    const mended = await itemsOf(who.workspace);
    expect(await rebuild(who.workspace)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/nothing to mend/),
    });
    expect(await itemsOf(who.workspace)).toEqual(mended);
  });

  it('that was restored over itself begins anew on demand: no cursor of before leads past what it has not told', async () => {
    const who = { sub: 'alice', workspace: 'restored' };
    await create(who, ['one', 'two']);
    const backup = await itemsOf(who.workspace);
    await create(who, ['three', 'four']);
    const board = await LogBoard.open(stack, who);
    const { cursor } = board.stream;
    board.stream.cut();
    for (const segment of [3, 4]) await remove(who.workspace, segment);
    await put(backup[0]!);
    await create(who, ['five', 'six']);
    // The danger: the place is there again, and what it leads past was never told.
    const fooled = await stack.connect(who, {}, { 'last-event-id': cursor });
    await fooled.until((frames) => frames.length > 1);
    expect(fooled.frames[1]!.data).toEqual({ complete: true });

    expect(await rebuild(who.workspace, ['--apply', '--new-log'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/the log [0-9a-f]{16} begins with segment 5/),
    });
    const resumed = await LogBoard.from(stack, who, cursor, board.tasks);
    await create(who, ['the mark']);
    await resumed.untilShown('the mark');
    expect(resumed.resumes).toEqual([{ complete: false, reason: 'unknown_cursor' }]);
    expect(resumed.shown).toEqual(await shownOf(who));
  });

  it('is shown without what is in its tasks, and as JSON without its key', async () => {
    const who = { sub: 'alice', workspace: 'shown' };
    const secret = { name: 'a secret name', visibility: 'private', assignees: ['bob'] };
    const { task } = (await stack.request(who, 'POST', '/tasks', secret)).body;
    await create(who, ['two', 'three']);
    await stack.connect(who);
    const { Item: head } = await stack.database.send(
      new GetCommand({ TableName: events(), Key: { workspace: who.workspace, segment: 0 } }),
    );
    const text = await look(who.workspace);
    expect(text.stdout).toMatch(
      new RegExp(
        `^1 \\(format 2\\) +\\S+Z +${task.id} +created, version 1 +private: alice and 1 assigned$`,
        'm',
      ),
    );
    expect(text.stdout).toMatch(/^the log is whole, and has told what the table has of its 3 tasks$/m);
    const json = await look(who.workspace, ['--json', '--last', '2']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      head: { log: head!['log'], last: 3, hasKey: true },
      recent: [
        { segment: 2 },
        { segment: 3, changes: [{ what: 'created', version: 1, seenBy: 'workspace' }] },
      ],
      faults: [],
      tasks: 3,
      missed: [],
    });
    for (const { stdout } of [text, json]) {
      expect(stdout).not.toContain('secret name');
      expect(stdout).not.toContain(head!['key']);
    }
    expect((await look(who.workspace, ['--show-tasks'])).stdout).toContain('"name":"a secret name"');
    expect(await look('nobody')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/nothing of this workspace/),
    });
  });
});
