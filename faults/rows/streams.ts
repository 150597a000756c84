import { DeleteCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { StreamRecord } from '../../local/data/pump/stream-record.ts';
import type { Board } from '../board/board.ts';
import type { Injection, Row } from '../matrix/row.ts';

const minute = 60_000;

/** Faults of streams, logs and clocks. */
export const streamRows: readonly Row[] = [
  {
    name: 'stream off and on',
    reloads: { must: ['resync'] },
    run: async (injection) => {
      await injection.writeInWaves(20, 2);
      await whileOff(injection, () => injection.write(20));
      followNewStream(injection);
      await injection.writeInWaves(40, 4);
    },
  },
  {
    name: 'table restored',
    reloads: { must: ['resync'] },
    run: async (injection) => {
      const { boards, stack } = injection;
      await injection.writeInWaves(40, 2);
      const backups = await Promise.all(boards.map(({ workspace }) => stack.tasks.read(workspace)));
      await injection.writeInWaves(40, 2);
      await whileOff(injection, async () => {
        for (const [index, board] of boards.entries()) {
          const now = await stack.tasks.read(board.workspace);
          const backup = backups[index]!;
          for (const id of now.keys()) if (!backup.has(id)) await board.writer.deleteRaw(id);
          for (const task of backup.values()) await board.writer.putRaw({ ...task }, task);
        }
      });
      followNewStream(injection);
      await injection.writeInWaves(40, 4);
    },
  },
  {
    name: 'log lost',
    reloads: { must: ['unknown_cursor'] },
    run: async (injection) => {
      await injection.writeInWaves(40, 2);
      for (const board of injection.boards) await loseLog(injection, board);
      await injection.writeInWaves(40, 4);
    },
  },
  {
    name: 'clock skew',
    run: async (injection) => {
      const { stack, seams } = injection;
      // A batch that comes twice is looked up in the log by time.
      seams.delivery = async (records, deliver) => {
        await deliver(records);
        return deliver(records);
      };
      for (const [name, skew] of [
        ['fanout', 10 * minute],
        ['fanout', -10 * minute],
        ['tasks', 2 * minute],
      ] as const) {
        seams.clockSkewMs.set(name, skew);
        await stack.crash(name);
        injection.inject();
        await injection.writeInWaves(20, 2);
      }
      for (const skew of [2 * minute, -2 * minute]) {
        seams.clockSkewMs.set('stream', skew);
        await injection.crashStreams();
        injection.inject();
        await injection.established();
        await injection.writeInWaves(20, 2);
      }
      seams.clockSkewMs.clear();
      await Promise.all([stack.crash('fanout'), stack.crash('tasks'), injection.crashStreams()]);
    },
  },
];

/** Lets time pass in which nothing that is written reaches the stream: its records are dropped before the delivery. */
async function whileOff(injection: Injection, write: () => Promise<void>): Promise<void> {
  await injection.stack.local.pump.drained();
  injection.seams.delivery = (records) => {
    for (const _ of records) injection.inject();
    return Promise.resolve();
  };
  await write();
  await injection.stack.local.pump.drained();
}

/**
 * Goes on with another stream, as when one is switched on: with a label of its own, and with numbers that begin anew and
 * so are among those of the stream before. Done at the mapping, because the embedded database's new stream repeats the
 * records of the one before and goes on with its numbers, which AWS's does not.
 */
function followNewStream({ seams }: Injection): void {
  const label = new Date().toISOString().replace('Z', '');
  let number = 0;
  const numbers = new Map<string, string>();
  const renumber = (record: StreamRecord): StreamRecord => {
    const { SequenceNumber: given } = record.dynamodb;
    if (!numbers.has(given)) numbers.set(given, String((number += 1)));
    return {
      ...record,
      eventSourceARN: record.eventSourceARN.replace(/[^/]+$/, label),
      dynamodb: { ...record.dynamodb, SequenceNumber: numbers.get(given)! },
    };
  };
  seams.delivery = (records, deliver) => deliver(records.map(renumber));
}

/** Deletes all of a workspace's log, head and segments. */
async function loseLog(injection: Injection, { workspace }: Board): Promise<void> {
  const { database } = injection.stack;
  const TableName = injection.stack.table('events');
  const { Items: items = [] } = await database.send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: 'workspace = :workspace',
      ExpressionAttributeValues: { ':workspace': workspace },
      ProjectionExpression: '#segment',
      ExpressionAttributeNames: { '#segment': 'segment' },
      ConsistentRead: true,
    }),
  );
  for (const { segment } of items) {
    await database.send(new DeleteCommand({ TableName, Key: { workspace, segment } }));
    injection.inject();
  }
}
