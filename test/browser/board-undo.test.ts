import { undoMs } from '../../dashboard/task/deferred-removals.ts';
import { BoardPage } from './board-page.ts';
import { Boards } from './boards.ts';

const boards = new Boards();

/** Lets what can be taken back wait for as long as a slow machine may take, in place of some seconds. */
const patientUndo = `{
  const { setTimeout } = window;
  window.setTimeout = (act, ms, ...more) => setTimeout(act, ms === ${undoMs} ? 600_000 : ms, ...more);
}`;

/** Opens the board of a user, who has all the time to take something back. */
async function openBoard(user: string, workspace: string): Promise<BoardPage> {
  const context = await boards.browser.newContext({ viewport: { width: 1500, height: 900 } });
  await context.addInitScript(patientUndo);
  const board = new BoardPage(await context.newPage());
  await board.goto(boards.stack.local.url, `?workspace=${workspace}&user=${user}`);
  return board;
}

/** Two users with a board of the same task, and the writes that the first one sends. */
async function openBoards(
  workspace: string,
): Promise<{ alice: BoardPage; bob: BoardPage; sent: string[]; path: string }> {
  const who = { sub: 'bob', workspace };
  const { task } = (await boards.stack.request(who, 'POST', '/tasks', { name: 'Milk' })).body;
  const [alice, bob] = await Promise.all(['alice', 'bob'].map((user) => openBoard(user, workspace)));
  const sent: string[] = [];
  alice!.page.on('request', (request) => {
    if (['PATCH', 'DELETE'].includes(request.method())) sent.push(request.method());
  });
  return { alice: alice!, bob: bob!, sent, path: `/tasks/${task.id}` };
}

async function close(...both: readonly BoardPage[]): Promise<void> {
  for (const { complaints } of both) expect(complaints).toEqual([]);
  await Promise.all(both.map((board) => board.close()));
}

describe('the undo of the board', () => {
  it('brings a deleted task back that nobody ever saw go, and a moved one to where it was', async () => {
    const { alice, bob, sent, path } = await openBoards('undo');
    await alice.choose('Milk', 'Delete');
    await alice.hasTasks(0);
    const notice = alice.notice('Deleted “Milk”.');
    expect(await alice.violations()).toEqual([]);
    await notice.getByRole('button', { name: 'Undo', exact: true }).click();
    await alice.card('Milk', 'inbox').waitFor();
    expect(sent).toEqual([]);

    await alice.choose('Milk', 'Done');
    await bob.card('Milk', 'done').waitFor();
    await alice.page.getByRole('button', { name: 'Undo', exact: true }).click();
    await bob.card('Milk', 'inbox').waitFor();
    expect(sent).toEqual(['PATCH', 'PATCH']);
    const { task } = (await boards.stack.request({ sub: 'bob', workspace: 'undo' }, 'GET', path)).body;
    expect(task).toMatchObject({ id: 1, status: 'inbox', version: 3, created_by: 'bob' });
    await close(alice, bob);
  });

  it('ends when the notice is dismissed, or the page is closed: then the task is deleted', async () => {
    const { alice, bob, sent } = await openBoards('dismissed');
    await alice.choose('Milk', 'Delete');
    await alice.page.getByRole('button', { name: 'Dismiss', exact: true }).click();
    await bob.hasTasks(0);
    expect(sent).toEqual(['DELETE']);

    await alice.addTask('Tea');
    await bob.card('Tea').waitFor();
    await alice.choose('Tea', 'Delete');
    await alice.hasTasks(0);
    await alice.page.goto('about:blank');
    await bob.hasTasks(0);
    await close(alice, bob);
  });

  it('asks where somebody else has changed the task meanwhile, for a deletion and for a move', async () => {
    const { alice, bob, path } = await openBoards('asked');
    const who = { sub: 'bob', workspace: 'asked' };
    await alice.choose('Milk', 'Delete');
    await alice.hasTasks(0);
    await boards.stack.request(who, 'PATCH', path, { name: 'Oat milk' });
    await bob.card('Oat milk').waitFor();
    await alice.page.getByRole('button', { name: 'Dismiss', exact: true }).click();
    await alice.notice('bob changed “Oat milk” meanwhile: it is now named “Oat milk”.').waitFor();
    await alice.card('Oat milk', 'inbox').waitFor();
    expect(await alice.violations()).toEqual([]);
    await alice.page.getByRole('button', { name: 'Keep it' }).click();

    /** Lets bob write before alice's next request arrives, which she has sent without knowing of it. */
    const beforeNext = (fields: object): Promise<unknown> =>
      alice.page.route(
        `**${path}`,
        async (route) => {
          await boards.stack.request(who, 'PATCH', path, fields);
          await route.fallback();
        },
        { times: 1 },
      );
    await beforeNext({ status: 'in_review' });
    await alice.choose('Oat milk', 'Done');
    await alice.notice('bob changed “Oat milk” meanwhile: it is now in In review.').waitFor();
    await alice.card('Oat milk', 'in_review').waitFor();
    await alice.page.getByRole('button', { name: 'Keep mine' }).click();
    await bob.card('Oat milk', 'done').waitFor();

    await beforeNext({ status: 'up_next' });
    await alice.choose('Oat milk', 'Inbox');
    await alice.page.getByRole('button', { name: 'Take bob’s' }).click();
    await alice.card('Oat milk', 'up_next').waitFor();
    expect((await boards.stack.request(who, 'GET', path)).body.task.status).toBe('up_next');
    await Promise.all([alice, bob].map((board) => board.close()));
  });
});
