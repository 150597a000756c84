import type { Who } from '../stack.ts';
import { TestStack } from '../stack.ts';

/**
 * A user reconnects with the cursor of an earlier stream, perhaps as somebody else. Meanwhile a private task of another
 * member and one of the workspace were written. What must come after the reconnect: what `resume` says, which of the
 * two the replay brings, and which `GET /tasks` shows.
 */
const permissionTable = `
  earlier                  | now                      | resume         | replay             | list
  mike@one                 | mike@one                 | complete       | public             | public
  admin ada@one            | admin ada@one            | complete       | public and private | public and private
  admin ada@one            | ada@one                  | rights_changed |                    | public
  ada@one                  | admin ada@one            | rights_changed |                    | public and private
  mike@one                 | mia@one                  | rights_changed |                    | public
  mike@one                 | carol@one                | rights_changed |                    | public and private
  admin ada@one            | admin ann@one            | rights_changed |                    | public and private
  admin ada@one            | admin ada@two            | rights_changed |                    |
  admin ada@two            | admin ada@one            | rights_changed |                    | public and private
  mike@two                 | mike@one                 | rights_changed |                    | public
  mike@one                 | mike@two                 | rights_changed |                    |
`;

const rows = permissionTable
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split('|').map((cell) => cell.trim()) as [string, string, string, string, string]);

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start();
});
afterAll(() => stack.close());

/** `admin ada@one` → who that is, in a workspace of the row's own. */
function readWho(text: string, row: number): Who {
  const [, admin, sub = '', workspace = ''] = /^(admin )?(\w+)@(\w+)$/.exec(text) ?? [];
  return { sub, workspace: `${workspace}-${row}`, ...(admin !== undefined && { admin: true }) };
}

describe('a reconnect', () => {
  it.each(rows.map((row, index) => [...row, index] as const))(
    'of %s as %s: resume %s, replay %s, list %s',
    async (earlier, now, resume, replay, list, row) => {
      const carol = readWho('carol@one', row);
      const names = (tasks: readonly { name: string }[]): string =>
        tasks
          .map(({ name }) => name)
          .toReversed()
          .join(' and ');
      const first = await stack.connect(readWho(earlier, row));
      const { cursor } = first;
      first.cut();
      await stack.request(carol, 'POST', '/tasks', { name: 'private', visibility: 'private' });
      await stack.request(carol, 'POST', '/tasks', { name: 'public' });
      await stack.local.pump.drained();

      const who = readWho(now, row);
      for (const by of [{ lastEventId: cursor }, { since: cursor }]) {
        const second = await stack.connect(who, by);
        // Written after the reconnect, so whatever the replay brings has come before it.
        await stack.request(who, 'POST', '/tasks', { name: 'the end', visibility: 'private' });
        await second.until(() => second.events.some(({ task }) => task?.name === 'the end'));
        second.cut();
        expect(second.frames[1]).toMatchObject({
          event: 'resume',
          data: resume === 'complete' ? { complete: true } : { complete: false, reason: resume },
        });
        const brought = second.events.map(({ task }) => task as { name: string });
        expect(names(brought.filter(({ name }) => name !== 'the end'))).toBe(replay);
      }
      const { tasks } = (await stack.request(who, 'GET', '/tasks')).body;
      expect(names(tasks.filter(({ name }: { name: string }) => name !== 'the end'))).toBe(list);
    },
  );

  it('of a member who was assigned and unassigned meanwhile brings what it may see now and takes the rest', async () => {
    const carol = { sub: 'carol', workspace: 'turns' };
    const ann = { sub: 'ann', workspace: 'turns' };
    const create = async (assignees: string[]): Promise<number> => {
      const body = { name: 'secret', visibility: 'private', assignees };
      return (await stack.request(carol, 'POST', '/tasks', body)).body.task.id;
    };
    const [gained, lost, passing] = [await create([]), await create(['ann']), await create([])];
    await stack.local.pump.drained();
    const first = await stack.connect(ann);
    first.cut();
    const assign = (id: number, assignees: string[]): Promise<unknown> =>
      stack.request(carol, 'PATCH', `/tasks/${id}`, { assignees });
    await assign(gained, ['ann']);
    await assign(lost, []);
    await assign(passing, ['ann']);
    await assign(passing, []);
    await stack.request(carol, 'POST', '/tasks', { name: 'the end' });
    const second = await stack.connect(ann, { lastEventId: first.cursor });
    await second.until(() => second.events.some(({ task }) => task?.name === 'the end'));
    expect(second.events.slice(0, -1).map(({ type, taskId }) => [type, taskId])).toEqual([
      ['task.created', gained],
      ['task.deleted', lost],
      ['task.created', passing],
      ['task.deleted', passing],
    ]);
    const { tasks } = (await stack.request(ann, 'GET', '/tasks')).body;
    expect(tasks.map(({ id }: { id: number }) => id)).toEqual([gained, passing + 1]);
  });
});
