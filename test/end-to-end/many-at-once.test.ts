import type { AwsCall, AwsFault } from '../../local/data/aws-fault.ts';
import { TestStack } from './stack.ts';

const workspace = 'at-once';
const names = Array.from({ length: 40 }, (_, index) => `user-${index}`);

/** How many users' revocations a call looks for. */
function looksOf({ input }: AwsCall): number {
  return JSON.stringify(input).split('#revocation#').length - 1;
}

/** How many items a batch is about. */
function sizeOf({ input }: AwsCall): number {
  const tables = Object.values(input['RequestItems'] as Record<string, unknown[] | { Keys: unknown[] }>);
  return tables.reduce((sum, asked) => sum + ('Keys' in asked ? asked.Keys : asked).length, 0);
}

describe('clients that come in the same moment', () => {
  let stack: TestStack;
  let looked = 0;
  /** No look for revocations is answered before all are asked for, so that all clients go on at once. */
  const allLook = Promise.withResolvers<undefined>();
  /** The batches that were done in part. */
  const parts = new Set<string>();

  async function onAwsCall(call: AwsCall): Promise<AwsFault | undefined> {
    if (call.functionName !== 'stream') return undefined;
    if (looked < names.length && looksOf(call) > 0) {
      looked += looksOf(call);
      if (looked === names.length) allLook.resolve(undefined);
      return allLook.promise;
    }
    if (!/^Batch(Get|Write)Item$/.test(call.operation) || sizeOf(call) < 2) return undefined;
    parts.add(call.operation);
    return { kind: 'unprocessed', processed: Math.ceil(sizeOf(call) / 2) };
  }
  beforeAll(async () => {
    stack = await TestStack.start({ onAwsCall });
  });
  afterAll(() => stack.close());

  it('are all let in, though the table leaves some of each batch undone, and each is told', async () => {
    const streams = await Promise.all(names.map((sub) => stack.connect({ sub, workspace })));
    expect([...parts].toSorted()).toEqual(['BatchGetItem', 'BatchWriteItem']);
    const written = await stack.request({ sub: 'user-0', workspace }, 'POST', '/tasks', { name: 'for all' });
    await Promise.all(streams.map((stream) => stream.until(() => stream.events.length > 0)));
    const told = streams.map(({ events }) => events.map(({ type, taskId }) => `${type} ${taskId}`));
    expect([written.status, told]).toEqual([201, names.map(() => ['task.created 1'])]);
  });
});
