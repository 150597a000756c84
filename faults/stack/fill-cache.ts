import { paths } from '../../protocol/routes.ts';
import { randomUUID } from 'node:crypto';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { EventSourceClient } from '../board/event-source.ts';
import type { FaultStack } from './stack.ts';

const workspace = 'soak.cache';

/** More than the stream function keeps of the log, 8 MB. */
const cachedItems = 45;
const characters = 200_000;

/**
 * Fills what the stream function remembers of the log, which it else would go on doing for an hour: a curve of its memory
 * says nothing before. With tasks that nobody may see, so that nothing is sent.
 */
export async function fillCache(stack: FaultStack, items = cachedItems): Promise<void> {
  const { local, database, tasks } = stack;
  const token = await stack.sign({ sub: 'alice', workspace });
  // Another text each time: what is put again as it was is no change.
  const mark = randomUUID();
  const open = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  const source = new EventSourceClient({
    url: `${local.url}${paths.stream}?token=${token}`,
    onFrame: ({ data }) => {
      open.resolve();
      if (data.type?.startsWith('task.') === true) done.resolve();
    },
  });
  await open.promise;
  const hidden = { workspace, created_by: 'nobody', visibility: 'private' };
  const description = mark.padEnd(characters, 'x');
  for (let id = 1; id <= items; id += 1) {
    await database.send(new PutCommand({ TableName: tasks.name, Item: { ...hidden, id, description } }));
  }
  await database.send(
    new PutCommand({ TableName: tasks.name, Item: { workspace, id: items + 1, description: mark } }),
  );
  await done.promise;
  source.close();
}
