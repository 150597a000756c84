import type { TaskEvent } from '../../protocol/events.ts';
import type { Task } from '../../protocol/task.ts';
import { sampleTask } from '../core/task-samples.ts';
import { TaskReplica } from '../../client/store/task-replica.ts';

const timestamp = '2026-01-01T00:00:00.000Z';

const task = (id: number, version: number, name = `task ${id}`): Task => sampleTask({ id, version, name });

const created = (of: Task): TaskEvent => ({ type: 'task.created', taskId: of.id, task: of, timestamp });
const updated = (of: Task): TaskEvent => ({ type: 'task.updated', taskId: of.id, task: of, timestamp });
const deleted = (taskId: number): TaskEvent => ({ type: 'task.deleted', taskId, timestamp });

/** A replica and what its view shows. */
function createReplica(): { replica: TaskReplica; shown: Map<number, Task> } {
  const shown = new Map<number, Task>();
  const replica = new TaskReplica({
    reset: (tasks) => {
      shown.clear();
      for (const each of tasks) shown.set(each.id, each);
    },
    put: (each) => shown.set(each.id, each),
    remove: (id) => shown.delete(id),
  });
  return { replica, shown };
}

describe('the copy of the tasks in the page', () => {
  it('follows the events after a load', () => {
    const { replica, shown } = createReplica();
    replica.beginLoad();
    replica.finishLoad([task(1, 1), task(2, 1)]);
    replica.apply(created(task(3, 1)));
    replica.apply(updated(task(1, 2, 'renamed')));
    replica.apply(deleted(2));
    expect([...shown.values()]).toEqual([task(1, 2, 'renamed'), task(3, 1)]);
  });

  it('does not bring back what was deleted while the load was under way', () => {
    const { replica, shown } = createReplica();
    replica.beginLoad();
    replica.apply(deleted(1));
    replica.finishLoad([task(1, 4), task(2, 1)]);
    expect([...shown.keys()]).toEqual([2]);
  });

  it('keeps what was created while the load was under way', () => {
    const { replica, shown } = createReplica();
    replica.beginLoad();
    replica.apply(created(task(2, 1)));
    replica.finishLoad([task(1, 1)]);
    expect([...shown.keys()]).toEqual([1, 2]);
  });

  it('does not go back to a lower version, and takes an equal one', () => {
    const { replica, shown } = createReplica();
    replica.beginLoad();
    replica.apply(updated(task(1, 2, 'before the load')));
    replica.finishLoad([task(1, 3, 'loaded')]);
    expect(shown.get(1)).toEqual(task(1, 3, 'loaded'));
    replica.apply(updated(task(1, 2, 'late')));
    expect(shown.get(1)).toEqual(task(1, 3, 'loaded'));
    replica.apply(updated(task(1, 3, 'written past the API')));
    expect(shown.get(1)).toEqual(task(1, 3, 'written past the API'));
  });

  it('forgets all when it loads again, even higher versions: the table may have been restored', () => {
    const { replica, shown } = createReplica();
    replica.beginLoad();
    replica.finishLoad([task(1, 9, 'old'), task(2, 9)]);
    replica.beginLoad();
    replica.apply(created(task(1, 1, 'new')));
    replica.finishLoad([]);
    expect([...shown.values()]).toEqual([task(1, 1, 'new')]);
  });
});
