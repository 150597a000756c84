import type { AwsFault } from '../../local/data/aws-fault.ts';
import { TestStack } from './stack.ts';

const alice = { sub: 'alice', workspace: 'busy' };

describe('a tasks table that is busy', () => {
  let stack: TestStack;
  /** What becomes of the next writes of the tasks function. */
  let faults: AwsFault[] = [];
  beforeAll(async () => {
    stack = await TestStack.start({
      onAwsCall: ({ functionName, operation }) =>
        functionName === 'tasks' && /Put|Update|Delete|Transact/.test(operation) ? faults.shift() : undefined,
    });
  });
  beforeEach(() => {
    faults = [];
  });
  afterAll(() => stack.close());

  async function create(): Promise<number> {
    return (await stack.request(alice, 'POST', '/tasks', { name: 'a task' })).body.task.id;
  }

  it('is 429 also where it cancels a transaction', async () => {
    const id = await create();
    faults = [{ kind: 'throttle' }];
    const key = { 'idempotency-key': 'k' };
    const answer = await stack.request(alice, 'PATCH', `/tasks/${id}`, { priority: 2 }, key);
    expect(answer).toMatchObject({ status: 429, body: { code: 'throttled' } });
    expect(answer.headers.get('retry-after')).toBe('1');
    expect((await stack.request(alice, 'GET', `/tasks/${id}`)).body.task.version).toBe(1);
  });

  it('is 503 when it does not answer, and the change is made once with its Idempotency-Key', async () => {
    faults = Array.from({ length: 4 }, () => ({ kind: 'drop', when: 'after' }) as const);
    const key = { 'idempotency-key': 'lost' };
    const lost = await stack.request(alice, 'POST', '/tasks', { name: 'lost' }, key);
    expect(lost).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(lost.headers.get('retry-after')).toBe('5');
    const again = await stack.request(alice, 'POST', '/tasks', { name: 'lost' }, key);
    expect(again.status).toBe(201);
    const { tasks } = (await stack.request(alice, 'GET', '/tasks')).body;
    expect(tasks.filter(({ name }: { name: string }) => name === 'lost')).toEqual([again.body.task]);
  });

  it('writes once when a write has met a transaction on the same task', async () => {
    const id = await create();
    faults = [{ kind: 'conflict' }];
    const patched = await stack.request(alice, 'PATCH', `/tasks/${id}`, { priority: 2 });
    expect(patched).toMatchObject({ status: 200, body: { task: { priority: 2, version: 2 } } });
    faults = [{ kind: 'conflict' }];
    expect((await stack.request(alice, 'DELETE', `/tasks/${id}`)).status).toBe(200);
    expect((await stack.request(alice, 'GET', `/tasks/${id}`)).status).toBe(404);
  });
});
