import type { AwsCall, AwsFault } from '../../local/data/aws-fault.ts';
import type { Who } from './stack.ts';
import { TestStack } from './stack.ts';

const workspaces = ['at-once-0', 'at-once-1', 'at-once-2', 'at-once-3'];
const users = Array.from({ length: 40 }, (_, index): Who => ({
  sub: `user-${index}`,
  workspace: workspaces[index % workspaces.length]!,
}));

/** Answers nothing of one kind before it was asked for all users, so that all of them go on at once. */
class Gate {
  readonly #countOf: (call: AwsCall) => number;
  readonly #all = Promise.withResolvers<undefined>();
  #asked = 0;

  /** @param countOf for how many users a call asks; 0 for one of another kind. */
  constructor(countOf: (call: AwsCall) => number) {
    this.#countOf = countOf;
  }

  holds(call: AwsCall): Promise<undefined> | undefined {
    if (this.#asked >= users.length || this.#countOf(call) === 0) return undefined;
    this.#asked += this.#countOf(call);
    if (this.#asked >= users.length) this.#all.resolve(undefined);
    return this.#all.promise;
  }
}

/** How many items a batch is about. */
function sizeOf({ input }: AwsCall): number {
  const tables = Object.values(input['RequestItems'] as Record<string, unknown[] | { Keys: unknown[] }>);
  return tables.reduce((sum, asked) => sum + ('Keys' in asked ? asked.Keys : asked).length, 0);
}

describe('clients that come in the same moment', () => {
  let stack: TestStack;
  const looksForRevocations = new Gate(({ input }) => JSON.stringify(input).split('#revocation#').length - 1);
  const looksForOthers = new Gate(({ operation, input }) =>
    operation === 'Query' && JSON.stringify(input).includes('"user-') ? 1 : 0,
  );
  /** The batches that were done in part. */
  const parts = new Set<string>();

  async function onAwsCall(call: AwsCall): Promise<AwsFault | undefined> {
    const { functionName, operation, tables } = call;
    if (functionName !== 'stream') return undefined;
    const held = looksForRevocations.holds(call) ?? looksForOthers.holds(call);
    if (held !== undefined) return held;
    if (!/^Batch(Get|Write)Item$/.test(operation) || sizeOf(call) < 2) return undefined;
    const [role] = Object.entries(stack.local.tables).find(([, name]) => tables[0]!.endsWith(name))!;
    parts.add(`${operation} of ${role}`);
    return { kind: 'unprocessed', processed: Math.ceil(sizeOf(call) / 2) };
  }
  beforeAll(async () => {
    stack = await TestStack.start({ onAwsCall });
  });
  afterAll(() => stack.close());

  it('are all let in, though the tables leave some of each batch undone, and each is told', async () => {
    const streams = await Promise.all(users.map((user) => stack.connect(user)));
    expect([...parts].toSorted()).toEqual([
      'BatchGetItem of connections',
      'BatchGetItem of events',
      'BatchWriteItem of connections',
    ]);
    const writers = users.slice(0, workspaces.length);
    const writes = writers.map((user) => stack.request(user, 'POST', '/tasks', { name: 'for all' }));
    for (const { status } of await Promise.all(writes)) expect(status).toBe(201);
    await Promise.all(streams.map((stream) => stream.until(() => stream.events.length > 0)));
    const told = streams.map(({ events }) => events.map(({ type, taskId }) => `${type} ${taskId}`));
    expect(told).toEqual(users.map(() => ['task.created 1']));
  });
});
