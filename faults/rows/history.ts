import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { setTimeout as wait } from 'node:timers/promises';
import type { Injection } from '../row.ts';
import { flood } from './flood.ts';
import type { LiveMemory } from './live-memory.ts';
import { judgeGrowth, megabytes, readMemory } from './live-memory.ts';

const megabyte = 1024 * 1024;

/** How many segments a page has at the most, and what a segment holds: `core/log/segment.ts`. */
const pageSegments = 64;
const segmentBytes = 64 * 1024;

/** What the function may hold however long the history is: its cache (32 MB of JSON), as changes and as encoded; a page. */
const boundBytes = 3 * 32 * megabyte + 3 * pageSegments * segmentBytes;

/** How long the number of pages must stay the same to count as final, milliseconds. */
const quietMs = 400;

/**
 * Clients resume from before a long history, the first of them after a pause in which it reads nothing. The pages that are
 * counted are those of all streams of the board: they do not tell how far the paused one was read ahead.
 */
export async function replayHistory(injection: Injection): Promise<void> {
  const { scale, stack, seams } = injection;
  const [tasks, characters] = scale === 'full' ? [10_000, 4000] : [1000, 10_000];
  const crowd = await injection.gather([{ sub: 'historian', count: 4, sharesUser: true }]);
  const all = { from: 0, to: 4 };
  await crowd.leave(all);
  await flood(injection, 'historian', tasks, characters);
  await stack.local.pump.drained();
  // The processes start anew, so that no page is in memory.
  await injection.crashStreams();
  await injection.established();

  let pages = 0;
  const events = `/${stack.table('events')}`;
  seams.awsCall = (call) => {
    const { functionName, operation, tables, input } = call;
    const isOfLog =
      functionName === 'stream' && operation === 'Query' && tables[0]?.endsWith(events) === true;
    // Those who wait at the end of the log poll without consistency.
    if (isOfLog && input['ConsistentRead'] === true && injection.isOurs(call)) pages += 1;
    return undefined;
  };
  const before = await readMemory(injection);
  await crowd.returnStalled({ from: 0, to: 1 });
  injection.inject();
  await settle(() => pages);
  const ahead = pages;
  let most: LiveMemory = await readMemory(injection);
  const replay = crowd.thaw({ from: 0, to: 1 }).then(() => crowd.storm({ from: 1, to: 4 }));
  injection.injected += 3;
  const over = new AbortController();
  const heard = replay.then(() => crowd.heardAll(tasks, all)).finally(() => over.abort());
  // It is awaited below; until then a failure of it must not end the process.
  heard.catch(() => undefined);
  while (!over.signal.aborted) {
    const now = await readMemory(injection);
    most = { front: Math.max(most.front, now.front), stream: Math.max(most.stream, now.stream) };
  }
  await heard;
  seams.awsCall = undefined;
  const bytes = tasks * characters;
  injection.notes.push(
    `${tasks} changes, ${megabytes(bytes)}: ${pages} pages for all streams, ${ahead} of them while the first client paused`,
  );
  judgeGrowth(injection, 'at the highest of the replay', before, most, {
    front: boundBytes,
    stream: boundBytes,
  });
  const segments = await countSegments(injection);
  const whole = Math.ceil(segments / pageSegments);
  injection.notes.push(`the log has ${segments} segments: ${whole} pages`);
}

/** Waits until a number stays the same for a while. */
async function settle(read: () => number): Promise<void> {
  for (let last = -1; last !== read(); await wait(quietMs)) last = read();
}

/** How many segments the log of the first board has. */
async function countSegments({ stack, boards }: Injection): Promise<number> {
  const { workspace } = boards[0]!;
  let count = 0;
  let after: Record<string, unknown> | undefined;
  do {
    const { Count: counted = 0, LastEvaluatedKey: lastKey } = await stack.database.send(
      new QueryCommand({
        TableName: stack.table('events'),
        Select: 'COUNT',
        KeyConditionExpression: 'workspace = :workspace AND #segment > :head',
        ExpressionAttributeNames: { '#segment': 'segment' },
        ExpressionAttributeValues: { ':workspace': workspace, ':head': 0 },
        ...(after && { ExclusiveStartKey: after }),
      }),
    );
    count += counted;
    after = lastKey;
  } while (after);
  return count;
}
