import { PresenceStore } from '../../lambdas/shared/dynamodb/presence-store.ts';
import { type, view, watch } from './awareness.ts';
import { seedViewers, UnitCount } from './awareness-units.ts';
import type { Who } from './stack.ts';
import { TestStack } from './stack.ts';
import { transports } from './transports.ts';

/**
 * What is said and asked of other users reads and writes at the most, in units as the database counts them, of all tables
 * together: the numbers of "What a request costs" in docs/PROTOCOL.md, as in units.test.ts.
 */

/** How many others view the board of each workspace. */
const crowds = [0, 9, 99] as const;

/** Comes last by name, so that whoever it looks after are the first. */
const zoeOf = (others: number): Who => ({ sub: 'zoe', workspace: `crowd-of-${others}` });

let stack: TestStack;
let store: PresenceStore;
const units = new UnitCount();
beforeAll(async () => {
  stack = await TestStack.start({
    // As deployed stages poll.
    environment: { SESSION_SECONDS: '5', POLL_MIN_MS: '250', POLL_MAX_MS: '1000' },
    onCapacity: (one) => units.note(one),
    onLog: ({ text }) => units.hear(text),
  });
  store = new PresenceStore(stack.database, stack.local.tables['connections']!);
  for (const others of crowds) {
    await stack.request(zoeOf(others), 'POST', '/tasks', { name: 'one' });
    await seedViewers(store, zoeOf(others).workspace!, { count: others, task: 1 });
  }
  await stack.local.pump.drained();
});
afterAll(() => stack.close());

interface Cost {
  readonly reads: number;
  readonly writes: number;
}

/** What a function reads and writes for something, pushes and all. */
async function costOf(by: string, act: () => Promise<unknown>): Promise<Cost> {
  units.reset();
  await act();
  await stack.local.invocations.idle();
  return units.of(by);
}

function expectAtMost({ reads, writes }: Cost, most: Cost): void {
  // Whoever is let in costs something, or nothing is counted.
  expect(reads).toBeGreaterThan(0);
  expect(reads).toBeLessThanOrEqual(most.reads);
  expect(writes).toBeLessThanOrEqual(most.writes);
}

/** A stream that its client leaves at the first byte; nobody tells the function. */
async function connectAndLeave(who: Who, query: Readonly<Record<string, string>>): Promise<void> {
  const ended = units.sessionEnd();
  (await stack.connect(who, query)).cut();
  await ended;
}

describe.each(crowds)('where %d others view the board', (others) => {
  const zoe = zoeOf(others);
  const say = (said: Parameters<typeof view>[3] = {}): Promise<void> => view(stack, zoe, 'page', said);

  it.each([
    ['POST /presence of one who comes', { reads: 6, writes: 6 }, () => say()],
    ['POST /presence of one who is still there', { reads: 4, writes: 1 }, () => say({ lease: 300 })],
    ['POST /presence of one who opens a task', { reads: 7, writes: 4 }, () => say({ taskId: 1 })],
    ['POST /presence of one who is still at it', { reads: 5, writes: 1 }, () => say({ taskId: 1 })],
    ['POST /presence of one who leaves', { reads: 6, writes: 6 }, () => say({ state: 'left' })],
    ['POST /tasks/{id}/typing', { reads: 4, writes: 2 }, () => type(stack, zoe, 1)],
    ['POST /tasks/{id}/typing that stops', { reads: 4, writes: 2 }, () => type(stack, zoe, 1, false)],
  ] as const)('%s costs what it costs anywhere', async (_, most, act) => {
    expectAtMost(await costOf('tasks', act), most);
  });

  it('GET /presence costs half a unit for a dozen of them', async () => {
    const cost = await costOf('tasks', () => stack.request(zoe, 'GET', '/presence'));
    expectAtMost(cost, { reads: 4 + Math.ceil(others / 12) / 2, writes: 0 });
  });

  it('a WebSocket that asks for presence reads who is there once, and who has spoken', async () => {
    const [, socket] = transports;
    const without = await costOf('websocket', async () => (await socket!.connect(stack, zoe)).cut());
    const cost = await costOf('websocket', async () => (await watch(socket!, stack, zoe)).cut());
    // What was said in the last seconds is some entries here.
    expectAtMost(cost, { reads: without.reads + 6 + Math.ceil(others / 12) / 2, writes: 9 });
  });
});

it('a renewal reads and writes the same whoever else is there', async () => {
  const costs: Cost[] = [];
  for (const others of crowds) {
    await view(stack, zoeOf(others), 'page');
    costs.push(await costOf('tasks', () => view(stack, zoeOf(others), 'page')));
  }
  // Databases count a query that finds nothing as half a unit or as one: alone there is one such.
  const [alone, ...among] = costs;
  expect(among).toEqual(among.map(() => among[0]));
  expectAtMost(among[0]!, { reads: alone!.reads + 0.5, writes: alone!.writes });
  // One who has ten others behind it does not go round.
  const middle: Who = { ...zoeOf(99), sub: 'user-00050' };
  await view(stack, middle, 'page', { taskId: 1 });
  const cost = await costOf('tasks', () => view(stack, middle, 'page'));
  expectAtMost(cost, { reads: costs[0]!.reads + 1, writes: 4 });
});

it('what is said costs the same of a task with many assignees', async () => {
  const who: Who = { sub: 'zoe', workspace: 'many-assignees' };
  const assignees = Array.from({ length: 50 }, (_, index) => `assignee-${index}`.padEnd(100, '-'));
  for (const given of [[], assignees]) {
    await stack.request(who, 'POST', '/tasks', { name: 'one', assignees: given });
  }
  await stack.local.pump.drained();
  await view(stack, who, 'page');
  const writes: number[] = [];
  for (const taskId of [1, 2]) {
    const changed = await costOf('tasks', () => view(stack, who, 'page', { taskId }));
    const typed = await costOf('tasks', () => type(stack, { ...who, sub: `typist-${taskId}` }, taskId));
    writes.push(changed.writes, typed.writes);
  }
  expect(writes).toEqual([4, 2, 4, 2]);
});

it('one who renews looks after ten of those who have gone without a word, and no more', async () => {
  const who: Who = { sub: 'zoe', workspace: 'crowd-that-has-gone' };
  await stack.request(who, 'POST', '/tasks', { name: 'one' });
  await stack.local.pump.drained();
  await seedViewers(store, who.workspace!, { count: 40, task: 1, until: Date.now() - 1 });
  await view(stack, who, 'page', { lease: 300 });
  const cost = await costOf('tasks', () => view(stack, who, 'page', { lease: 300 }));
  // For each, who may see the task that it was at, whether anybody is pushed to, and three items that go together.
  expectAtMost(cost, { reads: 4 + 10 * 2, writes: 1 + 10 * 6 });
  // Databases differ in what they count of a transaction that takes an item away.
  expect(cost.writes).toBeGreaterThanOrEqual(1 + 10 * 4);
  expect((await store.list(who.workspace!)).records).toHaveLength(1 + 20);
});

it('a stream polls for the same units whoever is there, beside its one look at all of them', async () => {
  const costs: Cost[] = [];
  for (const others of crowds) {
    const who = { ...zoeOf(others), sub: 'watcher' };
    const without = await costOf('stream', () => connectAndLeave(who, {}));
    const cost = await costOf('stream', () => connectAndLeave(who, { presence: 'true' }));
    // Who is there, and the one task that they are at.
    const lookUnits = (await store.list(who.workspace!)).units + 1;
    // Half a unit a poll, of which there are two and a half a second at the most. Sessions are up to a quarter shorter.
    expectAtMost(cost, { reads: 1.5 * without.reads + lookUnits + 5 * 2.5 * 0.5 + 1, writes: 10 });
    costs.push({ ...cost, reads: cost.reads - lookUnits });
  }
  // They differ by how long the sessions were and by the jitter of the polls.
  const reads = costs.map((cost) => cost.reads);
  expect(Math.max(...reads)).toBeLessThan(2 * Math.min(...reads));
});
