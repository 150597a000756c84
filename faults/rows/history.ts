import { paginateQuery } from '@aws-sdk/lib-dynamodb';
import { setTimeout as wait } from 'node:timers/promises';
import type { Injection } from '../matrix/row.ts';
import { flood } from './flood.ts';
import type { LiveMemory } from './live-memory.ts';
import { judgeGrowth, readMemory } from './live-memory.ts';

const megabyte = 1024 * 1024;

/** How many segments a page has at the most, and what a segment holds: `core/log/segment.ts`. */
const pageSegments = 64;
const segmentBytes = 64 * 1024;
const pageBytes = pageSegments * segmentBytes;

/** How many clients resume at once, after the first. */
const atOnce = 3;

/** The part of its memory that a process may keep as JSON, for each byte: `lambdas/stream/create-server.ts`. */
const cacheShare = 1 / 32;

/**
 * What the host may hold however long the history is: its cache, as changes and as encoded for two views, and what each of
 * those that resume at once is being sent, as changes and as encoded.
 */
function boundBytes({ stack }: Injection): number {
  const cacheBytes = stack.host('stream').memoryMegabytes * megabyte * cacheShare;
  return 3 * cacheBytes + atOnce * 2 * pageBytes;
}

/**
 * What is on its way to a client that reads nothing, at the most: two sockets on loopback with what Linux gives each side
 * (`tcp_wmem`, `tcp_rmem`), and the windows of the front and of the function.
 */
const onTheWayBytes = 2 * (4 + 6) * megabyte + megabyte;

/**
 * How long the number of segments must stay the same to count as final, milliseconds: longer than it takes until the
 * function lets go of what it has read for a client that stalls.
 */
const quietMs = 1500;

/** How long the history may take to be written to the log, milliseconds. */
const patienceMs = 120_000;

const sizes = { short: [4000, 15_000], full: [10_000, 8000] } as const;

/**
 * A client resumes from before a long history after a pause in which it reads nothing: the function reads as far ahead as
 * the buffers on the way take, and no more. The others resume at once, all together.
 */
export async function replayHistory(injection: Injection): Promise<void> {
  const [tasks, characters] = sizes[injection.scale];
  const crowd = await injection.gather([{ sub: 'historian', count: 1 + atOnce, sharesUser: true }]);
  const [first, others, all] = [
    { from: 0, to: 1 },
    { from: 1, to: 1 + atOnce },
    { from: 0, to: 1 + atOnce },
  ];
  await crowd.leave(all);
  await flood(injection, 'historian', tasks, characters);
  await passBy(injection);
  // The processes start anew, so that no page is in memory.
  await injection.crashStreams();
  await injection.established();
  const segments = await countSegments(injection);
  const asked = countAsked(injection, segments);
  const before = await readMemory(injection);

  await crowd.returnStalled(first);
  injection.inject();
  await settle(asked);
  const ahead = asked();
  const highest = watchHighest(injection);
  await crowd.thaw(first);
  await crowd.heardAll(tasks + 1, first);
  judgePages(injection, { segments, ahead, read: asked() });
  injection.injected += atOnce;
  await crowd.storm(others);
  await crowd.heardAll(tasks + 1, all);
  injection.seams.awsCall = undefined;
  const bound = boundBytes(injection);
  judgeGrowth(injection, 'at the highest of the replay', before, await highest(), {
    front: bound,
    stream: bound,
  });
}

/** Writes what all see, and waits for it: the cursors of the board's own clients are then at the end of the history. */
async function passBy({ boards }: Injection): Promise<void> {
  const { writer, replicas } = boards[0]!;
  const id = await writer.createVisible('after the history');
  for (const replica of replicas) {
    if (!(await replica.until(() => replica.tasks.has(id), patienceMs)))
      throw new Error('the history did not pass by in time');
  }
}

/**
 * Counts how many segments the stream function asks for, for clients of the board that are behind: a page may be small,
 * but never larger than it asks for.
 */
function countAsked(injection: Injection, segments: number): () => number {
  const { stack, seams, boards } = injection;
  const events = `/${stack.table('events')}`;
  let asked = 0;
  seams.awsCall = (call) => {
    const { functionName, operation, tables, input } = call;
    const isOfLog =
      functionName === 'stream' && operation === 'Query' && tables[0]?.endsWith(events) === true;
    if (!isOfLog) return undefined;
    const values = input['ExpressionAttributeValues'] as Record<
      string,
      { readonly S?: string; readonly N?: string }
    >;
    // Those who wait at the end of the log ask for what is not there yet.
    const isBehind = Number(values[':from']?.N) <= segments;
    if (isBehind && values[':workspace']?.S === boards[0]!.workspace) asked += Number(input['Limit']);
    return undefined;
  };
  return () => asked;
}

/** One client has caught up: it took every segment of its own, and few of them while it did not read. */
function judgePages(
  { failures, notes }: Injection,
  { segments, ahead, read }: { readonly segments: number; readonly ahead: number; readonly read: number },
): void {
  // The page that is being sent, the one before it in the buffers, and one that is cut short by either.
  const most = Math.ceil(onTheWayBytes / segmentBytes) + 3 * pageSegments;
  const line = `${segments} segments: ${read} asked for by one client, ${ahead} of them (at most ${most}) while it paused`;
  notes.push(line);
  if (segments <= most) failures.push(`too short a history to tell: ${line}`);
  if (read < segments) failures.push(`more came than was asked for: ${line}`);
  if (ahead > most) failures.push(`it was read too far ahead: ${line}`);
}

/** Watches memory until it is asked for the highest that was seen. */
function watchHighest(injection: Injection): () => Promise<LiveMemory> {
  const over = new AbortController();
  const watch = async (): Promise<LiveMemory> => {
    let most = await readMemory(injection);
    while (!over.signal.aborted) {
      const now = await readMemory(injection);
      most = { front: Math.max(most.front, now.front), stream: Math.max(most.stream, now.stream) };
    }
    return most;
  };
  const watching = watch();
  // It is awaited in the end; until then a failure of it must not end the process.
  watching.catch(() => undefined);
  return () => {
    over.abort();
    return watching;
  };
}

/** Waits until a number stays the same for a while. */
async function settle(read: () => number): Promise<void> {
  for (let last = -1; last !== read(); await wait(quietMs)) last = read();
}

/** How many segments the log of the first board has. */
async function countSegments({ stack, boards }: Injection): Promise<number> {
  const { workspace } = boards[0]!;
  const query = {
    TableName: stack.table('events'),
    Select: 'COUNT' as const,
    KeyConditionExpression: 'workspace = :workspace AND #segment > :head',
    ExpressionAttributeNames: { '#segment': 'segment' },
    ExpressionAttributeValues: { ':workspace': workspace, ':head': 0 },
  };
  let count = 0;
  for await (const { Count: counted = 0 } of paginateQuery({ client: stack.database }, query))
    count += counted;
  return count;
}
