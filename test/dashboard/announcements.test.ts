import { jest } from '@jest/globals';
import type { Task, TaskEvent } from '../../client/index.ts';
import { ChangeAnnouncer, gatherMs } from '../../dashboard/announcements/change-announcer.ts';
import { sampleTask } from '../core/task-samples.ts';

const timestamp = '2026-01-02T00:00:00.000Z';
const milk = sampleTask({ id: 1, name: 'Milk', status: 'inbox', version: 1, updated_by: 'alice' });

/** A board of alice, and what is said of it. */
class Heard {
  readonly said: string[] = [];
  readonly announcer: ChangeAnnouncer;
  #tasks: readonly Task[];
  #onTask: (event: TaskEvent) => void = () => undefined;
  #onChange: () => void = () => undefined;

  constructor(tasks: readonly Task[]) {
    this.#tasks = tasks;
    this.announcer = new ChangeAnnouncer({
      connection: {
        on: (_: string, listener: unknown) => {
          this.#onTask = listener as (event: TaskEvent) => void;
          return () => {
            this.#onTask = () => undefined;
          };
        },
      },
      store: {
        getSnapshot: () => ({ status: 'ready', error: undefined, tasks: this.#tasks, pending: new Set() }),
        subscribe: (listener) => {
          this.#onChange = listener;
          return () => {
            this.#onChange = () => undefined;
          };
        },
      },
      user: 'alice',
      say: (text) => this.said.push(text),
    });
  }

  hears(...events: readonly TaskEvent[]): void {
    for (const event of events) this.#onTask(event);
  }

  shows(tasks: readonly Task[]): void {
    this.#tasks = tasks;
    this.#onChange();
  }
}

function updated(task: Task): TaskEvent {
  return { type: 'task.updated', taskId: task.id, timestamp, task };
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

describe('what others change on the board', () => {
  it.each<[string, TaskEvent]>([
    ['bob moved “Milk” to Done.', updated({ ...milk, status: 'done', version: 2, updated_by: 'bob' })],
    [
      'bob changed “Milk”: it is now named “Oat milk”.',
      updated({ ...milk, name: 'Oat milk', version: 2, updated_by: 'bob' }),
    ],
    [
      'bob added “Tea” to Inbox.',
      {
        type: 'task.created',
        taskId: 2,
        timestamp,
        task: sampleTask({ id: 2, name: 'Tea', status: 'inbox', version: 1, updated_by: 'bob' }),
      },
    ],
    ['“Milk” is gone.', { type: 'task.deleted', taskId: 1, timestamp }],
  ])('is told as %s', (text, event) => {
    const heard = new Heard([milk]);
    heard.hears(event);
    jest.advanceTimersByTime(gatherMs);
    expect(heard.said).toEqual([text]);
  });

  it('is told once for one write, which comes as two events', () => {
    const heard = new Heard([milk]);
    const task = { ...milk, status: 'done' as const, version: 2, updated_by: 'bob' };
    heard.hears(
      { type: 'task.status_changed', taskId: 1, timestamp, task, previousStatus: 'inbox', newStatus: 'done' },
      updated(task),
    );
    jest.advanceTimersByTime(gatherMs);
    expect(heard.said).toEqual(['bob moved “Milk” to Done.']);
  });

  it('is not told where it is the own change of the user, or known already', () => {
    const heard = new Heard([milk]);
    heard.hears(updated({ ...milk, name: 'Mine', version: 2, updated_by: 'alice' }));
    heard.hears(updated({ ...milk, version: 1, updated_by: 'bob' }));
    heard.shows([]);
    heard.hears({ type: 'task.deleted', taskId: 1, timestamp });
    jest.advanceTimersByTime(gatherMs);
    expect(heard.said).toEqual([]);
  });

  it('is counted where it is much at once, so that nobody has to hear it all', () => {
    const tasks = Array.from({ length: 20 }, (_, index) => sampleTask({ id: index + 1, version: 1 }));
    const heard = new Heard(tasks);
    heard.hears(
      ...tasks.map((task) => updated({ ...task, name: `New ${task.id}`, version: 2, updated_by: 'bob' })),
    );
    jest.advanceTimersByTime(gatherMs);
    heard.hears(
      ...tasks.map((task) =>
        updated({ ...task, name: 'x', version: 3, updated_by: task.id === 7 ? 'carol' : 'bob' }),
      ),
    );
    jest.advanceTimersByTime(gatherMs);
    expect(heard.said).toEqual(['bob changed 20 tasks.', 'Others changed 20 tasks.']);
  });

  it('is told no more when the board is left', () => {
    const heard = new Heard([milk]);
    heard.hears(updated({ ...milk, status: 'done', version: 2, updated_by: 'bob' }));
    heard.announcer.close();
    jest.advanceTimersByTime(10 * gatherMs);
    expect(heard.said).toEqual([]);
  });
});
