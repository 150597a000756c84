import { setTimeout as wait } from 'node:timers/promises';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { forcedEndMs } from './ends.ts';
import { askItemsToEnd } from '../stack/ask-to-end.ts';
import { allowanceMs } from '../matrix/row.ts';
import type { FaultStack } from '../stack/stack.ts';

/** How long a stream that has ended waits for a client that does not take its last bytes. Milliseconds. */
export const lastBytesMs = 5000;

/** How often is looked whether something still runs, milliseconds. */
const lookMs = 100;

/**
 * Waits until no stream runs any more, when all clients have left: asked of the processes, since an item is removed before
 * its stream is over. Streams that opened while their clients left are ended here.
 * @returns what still runs when it must not, in words.
 */
export async function expectNothingRuns(stack: FaultStack): Promise<string[]> {
  const host = stack.host('stream');
  await endAll(stack);
  const began = performance.now();
  const isOver = (): boolean => {
    const allowed = Math.max(allowanceMs, stack.control.slowestSince(began));
    return performance.now() - began > forcedEndMs + lastBytesMs + allowed;
  };
  while (host.running > 0 && !isOver()) {
    await wait(lookMs);
    await endAll(stack);
  }
  return host.running === 0 ? [] : [`${host.running} streams run on when all clients have left`];
}

/** Asks all connections to end. */
async function endAll(stack: FaultStack): Promise<void> {
  const scan = new ScanCommand({ TableName: stack.table('connections'), ConsistentRead: true });
  const { Items: items = [] } = await stack.database.send(scan);
  await askItemsToEnd(stack, items);
}
