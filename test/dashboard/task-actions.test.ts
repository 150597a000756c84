import { jest } from '@jest/globals';
import type { Task } from '../../client/index.ts';
import type { TaskWriteOutcome } from '../../client/store/index.ts';
import { undoMs } from '../../dashboard/task/deferred-removals.ts';
import { TaskActions } from '../../dashboard/task/task-actions.ts';
import type { Notice } from '../../dashboard/toasts/use-toasts.ts';
import { sampleTask } from '../core/task-samples.ts';

const milk = sampleTask({ id: 7, name: 'Milk', status: 'inbox', version: 3 });

/** Actions on a store that answers as the test says, and the notices that are shown. */
class Desk {
  readonly actions: TaskActions;
  readonly sent: unknown[] = [];
  readonly shown: (Notice & { isGone: boolean })[] = [];
  answers: (TaskWriteOutcome | Error)[] = [];

  constructor() {
    const answer = async (): Promise<TaskWriteOutcome> => {
      const next = this.answers.shift() ?? { kind: 'gone' };
      if (next instanceof Error) throw next;
      return next;
    };
    this.actions = new TaskActions({
      user: 'alice',
      store: {
        update: (id, fields, { seen } = {}) => (
          this.sent.push(['update', id, fields, seen?.version]),
          answer()
        ),
        remove: (id, { seen } = {}) => (this.sent.push(['remove', id, seen?.version]), answer()),
      },
      connection: {
        send: async (method, path, headers, body, options) => {
          this.sent.push([method, path, headers, body, options]);
        },
      },
      toasts: {
        show: (notice) => {
          const entry = { ...notice, isGone: false };
          this.shown.push(entry);
          return () => this.dismiss(entry);
        },
      },
    });
  }

  get hidden(): number[] {
    return [...this.actions.hidden.getSnapshot()];
  }

  get texts(): string[] {
    return this.shown.filter(({ isGone }) => !isGone).map(({ text }) => text);
  }

  dismiss(entry = this.shown.at(-1)!): void {
    if (entry.isGone) return;
    entry.isGone = true;
    entry.onGone?.();
  }

  async press(label: string): Promise<void> {
    const entry = this.shown.findLast(({ isGone }) => !isGone)!;
    entry.actions!.find((action) => action.label === label)!.onClick();
    this.dismiss(entry);
    await settled();
  }
}

/** All that is under way without time passing. */
async function settled(): Promise<void> {
  for (let turns = 0; turns < 20; turns += 1) await Promise.resolve();
}

const done = (fields: Partial<Task>): TaskWriteOutcome => ({ kind: 'done', task: { ...milk, ...fields } });

let desk: Desk;
beforeEach(() => {
  jest.useFakeTimers();
  desk = new Desk();
});
afterEach(() => jest.useRealTimers());

describe('a task that is moved', () => {
  it('is moved back by its undo, to where it was with its flag, and nothing else is changed', async () => {
    const archived = { ...milk, status: 'done' as const, archived: true };
    const moved = { status: 'up_next' as const, archived: false, version: 4 };
    desk.answers = [done(moved), done({ version: 5 })];
    await desk.actions.move(archived, 'up_next');
    expect(desk.texts).toEqual(['Moved “Milk” to Up next.']);
    await desk.press('Undo');
    expect(desk.sent).toEqual([
      ['update', 7, { status: 'up_next', archived: false }, 3],
      ['update', 7, { status: 'done', archived: true }, 4],
    ]);
    expect(desk.texts).toEqual([]);
  });

  it('is moved again, or deleted: what was before cannot be taken back any more', async () => {
    desk.answers = [done({ status: 'up_next', version: 4 }), done({ status: 'done', version: 5 })];
    await desk.actions.move(milk, 'up_next');
    await desk.actions.move({ ...milk, status: 'up_next', version: 4 }, 'done');
    expect(desk.texts).toEqual(['Moved “Milk” to Done.']);
    desk.actions.remove({ ...milk, status: 'done', version: 5 });
    expect(desk.texts).toEqual(['Deleted “Milk”.']);
  });

  it('is where it is already: nothing is sent', async () => {
    await desk.actions.move(milk, 'inbox');
    expect(desk.sent).toEqual([]);
  });

  it('was changed by somebody else: the user decides', async () => {
    const keepMine = jest.fn<() => Promise<TaskWriteOutcome>>(() => Promise.resolve(done({})));
    const current = { ...milk, status: 'in_review' as const, version: 4, updated_by: 'bob' };
    desk.answers = [{ kind: 'conflict', current, mine: { status: 'done' }, keepMine }];
    await desk.actions.move(milk, 'done');
    expect(desk.texts).toEqual(['bob changed “Milk” meanwhile: it is now in In review.']);
    expect(desk.shown[0]!.actions!.map(({ label }) => label)).toEqual(['Keep mine', 'Take bob’s']);
    await desk.press('Keep mine');
    expect(keepMine).toHaveBeenCalledTimes(1);
    expect(desk.texts).toEqual([]);
  });

  it('is gone, at once or when it is to be moved back: the user is told', async () => {
    const text = '“Milk” is not there any more: it was deleted, or is hidden from you.';
    desk.answers = [{ kind: 'gone' }, done({ status: 'done', version: 4 }), { kind: 'gone' }];
    await desk.actions.move(milk, 'done');
    expect(desk.texts).toEqual([text]);
    expect(desk.shown[0]!.isProblem).toBe(true);
    await desk.actions.move(milk, 'done');
    await desk.press('Undo');
    expect(desk.texts).toEqual([text, text]);
  });

  it('and is refused: the user is told why', async () => {
    desk.answers = [new Error('No rights.')];
    await desk.actions.move(milk, 'done');
    expect(desk.texts).toEqual(['No rights.']);
    expect(desk.shown[0]!.isProblem).toBe(true);
  });
});

describe('a task that is deleted', () => {
  it('is hidden at once, and deleted when its notice is dismissed, once', async () => {
    desk.actions.remove(milk);
    desk.actions.remove(milk);
    expect(desk.hidden).toEqual([7]);
    expect(desk.sent).toEqual([]);
    expect(desk.texts).toEqual(['Deleted “Milk”.']);
    desk.dismiss();
    await settled();
    expect(desk.sent).toEqual([['remove', 7, 3]]);
    expect(desk.hidden).toEqual([]);
    expect(desk.texts).toEqual([]);
    jest.advanceTimersByTime(10 * undoMs);
    await settled();
    expect(desk.sent).toHaveLength(1);
  });

  it('is deleted by itself after a while, and its notice is gone then', async () => {
    desk.actions.remove(milk);
    jest.advanceTimersByTime(undoMs - 1);
    expect(desk.sent).toEqual([]);
    jest.advanceTimersByTime(1);
    await settled();
    expect(desk.sent).toEqual([['remove', 7, 3]]);
    expect(desk.texts).toEqual([]);
  });

  it('was never deleted when that is taken back', async () => {
    desk.actions.remove(milk);
    await desk.press('Undo');
    expect(desk.hidden).toEqual([]);
    jest.advanceTimersByTime(10 * undoMs);
    desk.actions.close();
    await settled();
    expect(desk.sent).toEqual([]);
  });

  it('is deleted when its user goes, in a request that outlives the page', async () => {
    desk.actions.remove(milk);
    desk.actions.close();
    await settled();
    expect(desk.sent).toEqual([
      ['DELETE', '/tasks/7', { 'if-match': '"3"' }, undefined, { keepalive: true }],
    ]);
    expect(desk.texts).toEqual([]);
    jest.advanceTimersByTime(10 * undoMs);
    await settled();
    expect(desk.sent).toHaveLength(1);
  });

  it('is back, with a question, where somebody else has changed it meanwhile', async () => {
    const keepMine = jest.fn<() => Promise<TaskWriteOutcome>>(() => Promise.resolve({ kind: 'gone' }));
    const current = { ...milk, name: 'Oat milk', version: 4, updated_by: 'alice' };
    desk.answers = [{ kind: 'conflict', current, mine: undefined, keepMine }];
    desk.actions.remove(milk);
    desk.dismiss();
    await settled();
    expect(desk.hidden).toEqual([]);
    expect(desk.texts).toEqual(['You, elsewhere, changed “Oat milk” meanwhile: it is now named “Oat milk”.']);
    await desk.press('Keep it');
    expect(keepMine).not.toHaveBeenCalled();
  });

  it('and is refused: it is back, and the user is told why', async () => {
    desk.answers = [new Error('The server does not answer.')];
    desk.actions.remove(milk);
    desk.dismiss();
    await settled();
    expect(desk.hidden).toEqual([]);
    expect(desk.texts).toEqual(['The server does not answer.']);
  });
});
