import { feedPollMs } from '../../core/awareness/feed.ts';
import { forEachOf } from '../../core/for-each.ts';
import { told, watch } from './awareness.ts';
import type { Who } from './stack.ts';
import { TestStack } from './stack.ts';
import type { Subscribed } from './transports.ts';
import { transports } from './transports.ts';

/** How many users type, how often each says so, and how many of them at a time. */
const [typists, times, atATime] = [300, 2, 16];

/** How many latencies are measured where nothing else goes on. */
const samples = 12;

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start();
});
afterAll(() => stack.close());

const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** Makes a task, and gives the milliseconds until a client has heard of it. */
async function taskLatency(who: Who, client: Subscribed): Promise<number> {
  const began = performance.now();
  const { task } = (await stack.request(who, 'POST', '/tasks', { name: 'timed' })).body;
  await client.until(() => client.events.some(({ taskId }) => taskId === task.id));
  return performance.now() - began;
}

/** Has a user type, and gives the milliseconds until a client has heard of it. */
async function typingLatency(who: Who, client: Subscribed): Promise<number> {
  const began = performance.now();
  await stack.request(who, 'POST', '/tasks/1/typing');
  await client.until(() => client.others.some(({ userId }) => userId === who.sub));
  return performance.now() - began;
}

describe.each(transports)('over $name', (transport) => {
  const inWorkspace = (workspace: string): ((sub: string) => Who) => {
    const name = `${workspace}-${transports.indexOf(transport)}`;
    return (sub: string): Who => ({ sub, workspace: name });
  };

  it('a task event is not held up by hundreds who type', async () => {
    const [busy, quiet] = [inWorkspace('busy'), inWorkspace('quiet')];
    for (const user of [busy, quiet]) await stack.request(user('alice'), 'POST', '/tasks', { name: 'one' });
    const hearing = await watch(transport, stack, busy('alice'));
    const control = await watch(transport, stack, quiet('alice'));
    const load = { isOver: false };
    const all = Array.from({ length: typists * times }, (_, index) => busy(`user-${index % typists}`));
    const typing = forEachOf(all, atATime, async (who) => {
      await stack.request(who, 'POST', '/tasks/1/typing');
    }).finally(() => {
      load.isOver = true;
    });
    const latencies = { busy: [] as number[], quiet: [] as number[] };
    // Both at the same time, on the same machine: the one workspace differs from the other by who types there.
    while (!load.isOver) {
      const [there, here] = await Promise.all([
        taskLatency(busy('bob'), hearing),
        taskLatency(quiet('bob'), control),
      ]);
      latencies.busy.push(there);
      latencies.quiet.push(here);
    }
    await typing;
    const hasAll = (): boolean =>
      new Set(told(hearing).filter((text) => text.startsWith('typing.started'))).size === typists;
    await hearing.until(hasAll);
    expect(control.others.filter(({ type }) => type !== 'presence.snapshot')).toEqual([]);
    expect(latencies.busy.length).toBeGreaterThan(2);
    expect(middle(latencies.busy)).toBeLessThan(3 * middle(latencies.quiet) + feedPollMs);
  });

  it('typing is told after about as long as a task event takes, and the time between two polls', async () => {
    const user = inWorkspace('latency');
    await stack.request(user('alice'), 'POST', '/tasks', { name: 'one' });
    const client = await watch(transport, stack, user('alice'));
    const [ofTasks, ofTyping]: [number[], number[]] = [[], []];
    for (let count = 0; count < samples; count += 1) {
      ofTasks.push(await taskLatency(user('bob'), client));
      ofTyping.push(await typingLatency(user(`typist-${count}`), client));
    }
    expect(middle(ofTyping)).toBeLessThan(2 * (middle(ofTasks) + feedPollMs));
  });
});
