import fc from 'fast-check';
import type { TaskChange } from '../../core/log/change.ts';
import { startOf } from '../../core/log/cursor.ts';
import type { Segment } from '../../core/log/segment.ts';
import { matches, readFilter } from '../../core/subscription/filter.ts';
import { framesFrom } from '../../core/subscription/frames-from.ts';
import { canSee } from '../../core/subscription/visibility.ts';
import { Refusal } from '../../core/refusal.ts';
import { taskEventTypes } from '../../protocol/events.ts';
import type { TaskEvent } from '../../protocol/events.ts';
import type { Task } from '../../protocol/task.ts';
import type { Writes } from './table-writes.ts';
import { anyWrites, write } from './table-writes.ts';
import { anyPrincipal, anyTaskFilter } from './task-samples.ts';

/** The table after some writes, and the log of them; `lacks` takes of each image before a change what format 1 lacks. */
function written(
  writes: Writes,
  lacks: (change: TaskChange) => TaskChange,
): { table: ReadonlyMap<number, Task>; segment: Segment } {
  const table = new Map<number, Task>();
  const changes = write(table, writes).flatMap((change) => (change.kind === 'task' ? [lacks(change)] : []));
  return { table, segment: { log: 'l', segment: 1, stream: 's', at: 0, expires: Infinity, changes } };
}

function withoutAgent(change: TaskChange): TaskChange {
  if (!change.before) return change;
  const { assigned_to_agent: _, ...before } = change.before;
  return { ...change, before };
}

describe('a filter', () => {
  it.each([
    ['as they are written', (change: TaskChange) => change],
    ['of format 1, which say less', withoutAgent],
  ])('leaves a subscriber with its tasks as they are in the end, by segments %s', (_, lacks) => {
    fc.assert(
      fc.property(anyPrincipal, anyTaskFilter, anyWrites, (principal, filter, writes) => {
        const { table, segment } = written(writes, lacks);
        const board = new Map<number, Task>();
        for (const { json } of framesFrom([segment], startOf('l', 1), { principal, filter }).frames) {
          const event = JSON.parse(json) as TaskEvent;
          if (event.type === 'task.deleted') board.delete(event.taskId);
          else {
            expect(matches(filter, event.taskId, event.task)).toBe(true);
            board.set(event.taskId, event.task);
          }
        }
        const wanted = [...table].filter(
          ([id, task]) => canSee(principal, task) && matches(filter, id, task) === true,
        );
        expect(board).toEqual(new Map(wanted));
      }),
    );
  });

  it('of types gives the events of these types, in their order, and moves the place past the others', () => {
    fc.assert(
      fc.property(anyPrincipal, fc.subarray([...taskEventTypes]), anyWrites, (principal, types, writes) => {
        const { segment } = written(writes, (change) => change);
        const all = framesFrom([segment], startOf('l', 1), { principal, filter: {} });
        const some = framesFrom([segment], startOf('l', 1), {
          principal,
          filter: { events: new Set(types) },
        });
        expect(some.frames).toEqual(all.frames.filter(({ type }) => types.some((each) => each === type)));
        expect(some.position).toEqual(all.position);
      }),
    );
  });

  it('is read from its parameters', () => {
    expect(
      readFilter({
        events: 'task.created, task.deleted',
        tasks: '7,9',
        status: 'done',
        assigned_to_agent: 'true',
      }),
    ).toEqual({
      events: new Set(['task.created', 'task.deleted']),
      tasks: new Set([7, 9]),
      statuses: new Set(['done']),
      assignedToAgent: true,
    });
  });

  it.each([
    [{ events: 'task.moved' }, '"events" must be some of task.created, task.updated'],
    [{ events: '' }, '"events" must be some of'],
    [{ events: 'task.created,,' }, '"events" must be some of'],
    [{ status: 'inbox,later' }, '"status" must be some of inbox, up_next'],
    [{ tasks: '7,x' }, '"tasks" must be at most 100 task ids'],
    [{ tasks: '0' }, '"tasks" must be at most 100 task ids'],
    [{ tasks: Array.from({ length: 101 }, (_, index) => index + 1).join(',') }, 'at most 100 task ids'],
    [{ assigned_to_agent: 'yes' }, '"assigned_to_agent" must be true or false'],
  ])('of %j is refused with what there is', (parameters, message) => {
    const read = (): unknown => readFilter(parameters);
    expect(read).toThrow(Refusal);
    expect(read).toThrow(expect.objectContaining({ code: 'invalid_parameter' }));
    expect(read).toThrow(message);
  });
});
