import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { endedIndex } from '../../lambdas/shared/dynamodb/ended-index.ts';
import type { StreamClient } from './stream-client.ts';
import { TestStack } from './stack.ts';

/** A stage that was deployed before the connections table had its index has it added, in one of its updates. */
const alice = { sub: 'alice', workspace: 'ended-index' };

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'taskwire-index-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Adds the index as CloudFormation does: with what the table holds. */
async function addIndex({ database, local }: TestStack): Promise<void> {
  await database.send(
    new UpdateTableCommand({
      TableName: local.tables['connections'],
      AttributeDefinitions: [
        { AttributeName: 'workspace', AttributeType: 'S' },
        { AttributeName: 'endedAt', AttributeType: 'N' },
      ],
      GlobalSecondaryIndexUpdates: [
        {
          Create: {
            IndexName: endedIndex,
            KeySchema: [
              { AttributeName: 'workspace', KeyType: 'HASH' },
              { AttributeName: 'endedAt', KeyType: 'RANGE' },
            ],
            Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['id', 'ended'] },
          },
        },
      ],
    }),
  );
}

async function takeIndex({ database, local }: TestStack): Promise<void> {
  await database.send(
    new UpdateTableCommand({
      TableName: local.tables['connections'],
      GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: endedIndex } }],
    }),
  );
}

async function askToEnd(stack: TestStack, stream: StreamClient): Promise<void> {
  const { connectionId } = stream.frames[0]!.data;
  const { status } = await stack.request(alice, 'POST', '/sse/disconnect', { connectionId });
  expect(status).toBe(200);
}

async function endOf(stream: StreamClient): Promise<unknown> {
  await stream.until(() => stream.frames.at(-1)?.event === 'end');
  return stream.frames.at(-1)?.data.reason;
}

describe('a table that has no index yet', () => {
  it('ends its streams all the same, and those alone that were asked', async () => {
    const troubles: string[] = [];
    const stack = await TestStack.start({
      onLog: ({ text }) => {
        if (text.includes('"trouble"')) troubles.push(text);
      },
    });
    await takeIndex(stack);
    const [asked, other] = [await stack.connect(alice), await stack.connect(alice)];
    await askToEnd(stack, asked);
    expect(await endOf(asked)).toBe('disconnected');

    await addIndex(stack);
    expect((await stack.request(alice, 'POST', '/tasks', { name: 'meanwhile' })).status).toBe(201);
    await other.until(() => other.events.length === 1);
    await askToEnd(stack, other);
    expect(await endOf(other)).toBe('disconnected');
    expect(troubles).toEqual([]);
    await stack.close();
  });

  it('gets it when a laptop goes on with the data of a version before', async () => {
    const kept = {
      prefix: `test-${randomBytes(4).toString('hex')}`,
      dataDirectory: join(directory, 'data'),
      databaseEndpoint: undefined,
    };
    const before = await TestStack.start(kept);
    await takeIndex(before);
    await before.close();

    const stack = await TestStack.start(kept);
    const stream = await stack.connect(alice);
    await askToEnd(stack, stream);
    expect(await endOf(stream)).toBe('disconnected');
    await stack.close();
  });
});
