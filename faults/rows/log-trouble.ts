import { DeleteCommand, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Board } from '../board/board.ts';
import { watchEnds } from '../judge/ends.ts';
import type { Injection, Row } from '../matrix/row.ts';
import { injectCalls } from './calls.ts';
import { passMark } from './mark.ts';
import { streamsOf } from './transports.ts';

/** After so long without the log a stream ends. Source: docs/PROTOCOL.md. Milliseconds. */
const troubleMs = 60_000;

/** What the last reads of such a stream may take beyond that, milliseconds. */
const lastReadMs = 10_000;

/** A stream meets a segment at its next read of the log, and ends. Milliseconds. */
const foundMs = 2000;

/** A format that this version does not know. */
const unknownFormat = 99;

/** Logs that are too short, cannot be read, or hold what nobody understands. */
export const logTroubleRows: readonly Row[] = [
  { name: 'history expired', clients: [{}, {}], reloads: { may: ['history_expired'] }, run: expireHistory },
  { name: 'log unreadable for long', profile: 'unreadable log', clients: [{}, {}], run: loseReads },
  { name: 'segment of an unknown format', clients: [{}, {}], run: putUnknownFormat },
];

/** Who was away for longer than the history is kept is told so, loads again and goes on; nobody else is. */
async function expireHistory(injection: Injection): Promise<void> {
  const { boards, failures, stack } = injection;
  await injection.write(16);
  await passMark(injection, 'before some leave');
  const late = boards.map(({ replicas }) => replicas[0]!);
  for (const { source } of late) source.leave();
  await injection.write(24);
  const others = boards.flatMap(({ replicas }) => replicas).filter((replica) => !late.includes(replica));
  await passMark(injection, 'before time passes', others);
  for (const board of boards) await ageLog(injection, board);
  // The process would go on with what it remembers of the log.
  await stack.crash('stream');
  for (const { source } of late) {
    source.cut();
    injection.inject();
  }
  await injection.established();
  await injection.write(24);
  await passMark(injection, 'after all are back');
  for (const { user, reloadReasons } of late)
    if (reloadReasons.length !== 1) failures.push(`${user.sub} was told ${reloadReasons.length} times`);
  for (const { user, reloads } of others)
    if (reloads > 0) failures.push(`${user.sub} was not away and had to load again`);
}

/** Makes all segments of a workspace as old as those that nobody reads any more. */
async function ageLog({ stack }: Injection, { workspace }: Board): Promise<void> {
  const { database } = stack;
  const TableName = stack.table('events');
  const { Items: items = [] } = await database.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: 'workspace = :workspace AND #segment > :head',
      ExpressionAttributeNames: { '#segment': 'segment' },
      ExpressionAttributeValues: { ':workspace': workspace, ':head': 0 },
      ConsistentRead: true,
    }),
  );
  for (const { segment } of items) {
    await database.send(
      new UpdateCommand({
        TableName,
        Key: { workspace, segment },
        UpdateExpression: 'SET expires = :past',
        ExpressionAttributeValues: { ':past': Math.floor(Date.now() / 1000) - 1 },
      }),
    );
  }
}

/** Nobody can read the log: all streams end when they have tried for a minute, and come back when there is one. */
async function loseReads(injection: Injection): Promise<void> {
  await injection.write(16);
  await injection.established();
  const expectEnds = watchEnds(injection, streamsOf(injection));
  const reads = {
    functions: ['stream'],
    operations: ['GetItem', 'BatchGetItem', 'Query'],
    table: 'events',
  } as const;
  injectCalls(injection, reads, () => ({ kind: 'throttle' }));
  await Promise.all([injection.write(24), expectEnds('trouble', troubleMs + lastReadMs)]);
  injection.seams.heal();
  await injection.established();
  await injection.write(24);
}

/** What a newer version may write: streams end as for a deploy, and come back to one that understands it. */
async function putUnknownFormat(injection: Injection): Promise<void> {
  const { boards } = injection;
  for (const board of boards) {
    await board.writer.write(12);
    await passMark(injection, 'before the unknown format');
    // Only streams read past the head, which does not know of this segment.
    const expectEnds = watchEnds(injection, streamsOf({ boards: [board] }));
    const remove = await putSegment(injection, board);
    injection.inject();
    await expectEnds('deploy', foundMs);
    await remove();
    await board.established();
  }
  await injection.write(24);
}

/** Puts a segment after the last one, which the head does not know of yet. @returns takes it out again */
async function putSegment({ stack }: Injection, { workspace }: Board): Promise<() => Promise<unknown>> {
  const { database } = stack;
  const TableName = stack.table('events');
  const { Item: head = {} } = await database.send(
    new GetCommand({ TableName, Key: { workspace, segment: 0 }, ConsistentRead: true }),
  );
  const { log, last, stream, at } = head;
  const Key = { workspace, segment: (last as number) + 1 };
  const expires = Math.floor(Date.now() / 1000) + 3600;
  const body = Buffer.from('what a newer version writes');
  await database.send(
    new PutCommand({
      TableName,
      Item: { ...Key, log, stream, at, expires, body, format: unknownFormat, deflated: false },
    }),
  );
  return () => database.send(new DeleteCommand({ TableName, Key }));
}
