import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Board } from '../board/board.ts';
import type { Row } from '../matrix/row.ts';

/** More than a change may have, and less than an item may have. Characters. */
const oversize = 300_000;

/** Records of which no event can be made. */
export const recordRows: readonly Row[] = [
  {
    name: 'underivable record',
    reloads: { must: ['resync'] },
    run: async (injection) => {
      await injection.write(20);
      for (const board of injection.boards) {
        const [first, second] = [board.writer.newRawId(), board.writer.newRawId()];
        // One that is there from the start, and one that a task becomes.
        await putUnreadable(board, first, { visibility: 'Private' });
        const task = board.writer.draft(second);
        await board.writer.putRaw({ ...task }, task);
        board.ledger.waive(second);
        await putUnreadable(board, second, { assignees: 'everybody' });
        injection.inject();
      }
      await injection.write(20);
    },
  },
  {
    name: 'oversized record',
    reloads: { must: ['resync'] },
    run: async (injection) => {
      await injection.write(20);
      for (const { writer, ledger } of injection.boards) {
        const id = writer.newRawId();
        const task = writer.draft(id, { description: 'x'.repeat(oversize), visibility: 'workspace' });
        ledger.waive(id);
        // The API would refuse to write what is too large to be told.
        writer.leaveAlone(id);
        await writer.putRaw({ ...task }, task);
        injection.inject();
      }
      await injection.write(20);
    },
  },
  {
    name: 'foreign items',
    run: async (injection) => {
      const { database, tasks } = injection.stack;
      for (const board of injection.boards) {
        const { workspace, unreadable } = board;
        const items = [
          { workspace: `${workspace}#counter`, id: 7, name: 'foreign' },
          { workspace: 'no workspace', id: 1, name: 'foreign' },
          { workspace, id: 1.5, name: 'foreign' },
          { workspace, id: -3, name: 'foreign' },
        ];
        unreadable.add(1.5).add(-3);
        for (const Item of items) {
          await board.writer.write(4);
          await database.send(new PutCommand({ TableName: tasks.name, Item }));
          injection.inject();
        }
      }
      await injection.write(20);
    },
  },
];

async function putUnreadable({ writer, unreadable }: Board, id: number, wrong: object): Promise<void> {
  unreadable.add(id);
  await writer.putRaw({ ...writer.draft(id), ...wrong, id });
}
