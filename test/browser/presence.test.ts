import { TestStack } from '../end-to-end/stack.ts';
import { pageDirectory, PresencePage } from './presence-page.ts';
import type { PlainBrowser } from './plain-browser.ts';
import { startPlainBrowser } from './plain-browser.ts';

/** The least lease that there is, seconds. */
const leastLease = 10;

/** How late a user may be told to have gone whose lease is over: a machine may be slow. Milliseconds. */
const lateMs = 10_000;

let stack: TestStack;
let first: PlainBrowser;
let second: PlainBrowser;
beforeAll(async () => {
  [stack, first, second] = await Promise.all([
    TestStack.start({ pageDirectory }),
    startPlainBrowser(),
    startPlainBrowser(),
  ]);
});
afterEach(async () => {
  for (const { tabs } of [first, second]) await Promise.all(tabs.pages().map((page) => page.close()));
});
afterAll(async () => {
  await Promise.all([first.kill(), second.kill()]);
  await stack.close();
});

/** Creates a task that all see. */
async function createTask(workspace: string): Promise<number> {
  const { body } = await stack.request({ sub: 'alice', workspace }, 'POST', '/tasks', { name: 'a task' });
  return body.task.id as number;
}

/** A page of alice that follows a stream, and one of bob that follows a WebSocket, in two browsers. */
async function openBoth(
  workspace: string,
): Promise<{ alice: PresencePage; bob: PresencePage; task: number }> {
  const task = await createTask(workspace);
  const alice = await PresencePage.open(stack, first, { sub: 'alice', workspace }, { transport: 'stream' });
  const bob = await PresencePage.open(stack, second, { sub: 'bob', workspace }, { transport: 'socket' });
  return { alice, bob, task };
}

/** Expects that a page shows a user like this, at last. */
async function expectShown(
  page: PresencePage,
  ...[userId, expected]: Parameters<PresencePage['shown']>
): Promise<void> {
  expect(await page.shown(userId, expected)).toEqual(expected);
}

describe('two browsers on one board', () => {
  it('see each other come, and at which task', async () => {
    const { alice, bob, task } = await openBoth('coming');
    await alice.hears(({ type }) => type === 'presence.joined');
    await expectShown(alice, 'bob', { state: 'active', tasks: [] });
    await expectShown(bob, 'alice', { state: 'active', tasks: [] });

    await Promise.all([alice.says(task), bob.says(task)]);
    await expectShown(alice, 'bob', { state: 'active', tasks: [task] });
    await expectShown(bob, 'alice', { state: 'active', tasks: [task] });
  });

  it('see one viewer, however many tabs that has: at the task of the tab in front', async () => {
    const workspace = 'tabs';
    const { alice, bob, task } = await openBoth(workspace);
    await alice.says(task);
    await expectShown(bob, 'alice', { state: 'active', tasks: [task] });
    const other = await createTask(workspace);
    const tab = await PresencePage.open(stack, first, { sub: 'alice', workspace }, { taskId: other });
    await expectShown(bob, 'alice', { state: 'active', tasks: [other] });
    expect([...bob.viewers.keys()].toSorted()).toEqual(['alice', 'bob']);
    const { body } = await stack.request({ sub: 'bob', workspace }, 'GET', '/presence');
    expect(body.viewers.map(({ userId }: { userId: string }) => userId)).toEqual(['alice', 'bob']);

    await tab.page.close();
    await expectShown(bob, 'alice', { state: 'active', tasks: [task] });
    expect(bob.told.some(({ data }) => data.type === 'presence.left')).toBe(false);
  });

  it('see that a page is behind another tab, and in front again', async () => {
    const { alice, bob } = await openBoth('hiding');
    await expectShown(bob, 'alice', { state: 'active', tasks: [] });
    const inFront = await first.tabs.newPage();
    await inFront.bringToFront();
    await expectShown(bob, 'alice', { state: 'hidden', tasks: [] });
    await alice.page.bringToFront();
    await expectShown(bob, 'alice', { state: 'active', tasks: [] });
  });

  it.each(['closes', 'goes to another address'] as const)(
    'see that a page %s, by its beacon',
    async (how) => {
      const { alice, bob } = await openBoth(how.replaceAll(' ', '-'));
      await expectShown(alice, 'bob', { state: 'active', tasks: [] });
      const began = Date.now();
      await (how === 'closes' ? bob.page.close() : bob.page.goto('about:blank'));
      await alice.hears(({ type, userId }) => type === 'presence.left' && userId === 'bob');
      // Its lease is a minute.
      expect(Date.now() - began).toBeLessThan(30_000);
    },
  );

  it('see each other type, and stop, by saying so or without a word', async () => {
    const { alice, bob, task } = await openBoth('typing');
    const told = { taskId: task, userId: 'alice' };
    await alice.types(task);
    await bob.hears((data) => data.type === 'typing.started' && data.userId === 'alice');
    await alice.types(task, false);
    await bob.hears((data) => data.type === 'typing.stopped' && data.userId === 'alice');
    expect(bob.told.at(-1)!.data).toMatchObject({ type: 'typing.stopped', ...told });

    await bob.types(task);
    await alice.hears(({ type }) => type === 'typing.started');
    await alice.hears(({ type }) => type === 'typing.stopped');
    const typing = alice.told.filter(({ data }) => data.type.startsWith('typing.'));
    // Nobody hears of itself.
    expect(typing.map(({ data }) => [data.type, data.userId])).toEqual([
      ['typing.started', 'bob'],
      ['typing.stopped', 'bob'],
    ]);
  });

  it('keep their cursors meanwhile', async () => {
    const workspace = 'cursors';
    const { alice, bob, task } = await openBoth(workspace);
    await alice.hears(({ type }) => type === 'presence.joined');
    await createTask(workspace);
    for (const page of [alice, bob]) await page.hears(({ type }) => type === 'task.created');
    await bob.says(task);
    await expectShown(alice, 'bob', { state: 'active', tasks: [task] });

    const ids = (about: string): Set<string> =>
      new Set(
        alice.told.flatMap(({ data, lastEventId }) => (data.type.startsWith(about) ? [lastEventId] : [])),
      );
    const [begin] = ids('connection.');
    const [created] = ids('task.');
    expect(begin).not.toBe('');
    expect(created).not.toBe(begin);
    expect(ids('presence.')).toEqual(new Set([begin, created]));
    const named = bob.told.filter(({ lastEventId }) => lastEventId !== '').map(({ data }) => data.type);
    expect(named).toEqual(['connection.established', 'task.created']);
  });
});

describe('a browser that dies', () => {
  it('is gone when its lease is over', async () => {
    const workspace = 'dying';
    const dying = await startPlainBrowser();
    const alice = await PresencePage.open(stack, first, { sub: 'alice', workspace }, { transport: 'stream' });
    const carol = { sub: 'carol', workspace };
    const began = Date.now();
    await PresencePage.open(stack, dying, carol, { transport: 'socket', lease: leastLease });
    await expectShown(alice, 'carol', { state: 'active', tasks: [] });
    await dying.kill();
    await alice.hears(({ type, userId }) => type === 'presence.left' && userId === 'carol');
    const took = Date.now() - began;
    expect(took).toBeGreaterThan(leastLease * 1000);
    expect(took).toBeLessThan(leastLease * 1000 + lateMs);
  });
});
