import { TestStack } from './stack.ts';

const alice = { sub: 'alice', workspace: 'redelivery' };

describe('batches that come twice', () => {
  let stack: TestStack;
  let batches = 0;
  beforeAll(async () => {
    stack = await TestStack.start({
      wrapDeliver: (deliver) => async (records) => {
        batches++;
        // As after an answer that was lost on the way: done, and not known to be done.
        await deliver(records);
        return deliver(records);
      },
    });
  });
  afterAll(() => stack.close());

  it('reach each client once, in order', async () => {
    const stream = await stack.connect(alice);
    const names = ['first', 'second', 'third'];
    for (const name of names) {
      await stack.request(alice, 'POST', '/tasks', { name });
      await stack.local.pump.drained();
    }
    await stream.until(() => stream.events.length >= names.length);

    expect(batches).toBeGreaterThanOrEqual(names.length);
    expect(stream.events.map(({ task }) => task.name)).toEqual(names);
  });
});
