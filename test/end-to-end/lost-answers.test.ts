import type { AwsFault } from '../../local/data/aws-fault.ts';
import { TestStack } from './stack.ts';

const alice = { sub: 'alice', workspace: 'lost-answers' };

describe('a write to the tasks table that happened, but whose answer was lost', () => {
  let stack: TestStack;
  /** What becomes of the next writes of tasks by the tasks function; those to the counter pass. */
  let faults: AwsFault[] = [];
  beforeAll(async () => {
    stack = await TestStack.start({
      onAwsCall: ({ functionName, operation, input }) => {
        const isWrite = functionName === 'tasks' && /Put|Update|Delete/.test(operation);
        return isWrite && !JSON.stringify(input).includes('#counter') ? faults.shift() : undefined;
      },
    });
  });
  beforeEach(() => {
    faults = [];
  });
  afterAll(() => stack.close());

  const lost: AwsFault = { kind: 'drop', when: 'after' };

  async function create(name: string): Promise<{ id: number; version: number }> {
    const { status, body } = await stack.request(alice, 'POST', '/tasks', { name });
    expect(status).toBe(201);
    return body.task;
  }

  it('has created one task', async () => {
    faults = [lost];
    const task = await create('once');
    const { tasks } = (await stack.request(alice, 'GET', '/tasks')).body;
    expect(tasks.filter(({ name }: { name: string }) => name === 'once')).toEqual([task]);
    expect(faults).toEqual([]);
  });

  it.each([
    ['without a condition', {}],
    ['of the version that was read', { 'if-match': '"1"' }],
  ])('has changed a task once, %s', async (_, headers) => {
    const stream = await stack.connect(alice);
    const { id } = await create('to change');
    faults = [lost];
    const patched = await stack.request(alice, 'PATCH', `/tasks/${id}`, { priority: 2 }, headers);
    expect(patched).toMatchObject({ status: 200, body: { task: { priority: 2, version: 2 } } });
    expect((await stack.request(alice, 'GET', `/tasks/${id}`)).body.task).toEqual(patched.body.task);
    const { id: last } = await create('the end');
    await stream.until(() => stream.events.some(({ taskId }) => taskId === last));
    expect(stream.events.filter(({ taskId }) => taskId === id).map(({ type }) => type)).toEqual([
      'task.created',
      'task.updated',
    ]);
    expect(faults).toEqual([]);
  });

  it('has deleted the task', async () => {
    const { id } = await create('to delete');
    faults = [lost];
    expect((await stack.request(alice, 'DELETE', `/tasks/${id}`)).status).toBe(200);
    expect((await stack.request(alice, 'GET', `/tasks/${id}`)).status).toBe(404);
    expect((await stack.request(alice, 'DELETE', `/tasks/${id}`)).status).toBe(404);
    expect(faults).toEqual([]);
  });
});
