import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { EventSourceClient } from './event-source.ts';
import type { FaultStack } from './stack.ts';

const workspace = 'soak.cache';

/** More than the stream function keeps of the log, 8 MB. */
const items = 45;
const characters = 200_000;

/**
 * Fills what the stream function remembers of the log, which it else would go on doing for an hour: a curve of its memory
 * says nothing before. With tasks that nobody may see, so that nothing is sent.
 */
export async function fillCache({ local, database, tasks }: FaultStack): Promise<void> {
  const token = await local.issuer.sign({ sub: 'alice', workspace });
  const open = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  const source = new EventSourceClient({
    url: `${local.url}/sse/connect?token=${token}`,
    onFrame: ({ data }) => {
      open.resolve();
      if (data.type === 'task.created') done.resolve();
    },
  });
  await open.promise;
  const hidden = { workspace, created_by: 'nobody', visibility: 'private' };
  const description = 'x'.repeat(characters);
  for (let id = 1; id <= items; id += 1) {
    await database.send(new PutCommand({ TableName: tasks.name, Item: { ...hidden, id, description } }));
  }
  await database.send(new PutCommand({ TableName: tasks.name, Item: { workspace, id: items + 1 } }));
  await done.promise;
  source.close();
}
