import fc from 'fast-check';
import type { TaskChange } from '../../core/log/change.ts';
import { encodedEventsFor, eventsFor } from '../../core/subscription/events.ts';
import { rightsFingerprint } from '../../core/subscription/principal.ts';
import type { Task } from '../../protocol/task.ts';
import { canSee } from '../../core/subscription/visibility.ts';
import { allOf, anyPrincipal, anyTask } from './task-samples.ts';

const anyTaskChange: fc.Arbitrary<TaskChange> = fc
  .tuple(fc.option(anyTask, { nil: undefined }), fc.option(anyTask, { nil: undefined }))
  .filter(([before, after]) => Boolean(before ?? after))
  .map(([before, after]) => ({
    kind: 'task',
    source: '1',
    at: 0,
    task: 7,
    ...(before && { before }),
    ...(after && { after: { ...after, id: 7 } }),
  }));

describe('visibility', () => {
  it('shows a workspace task to every member, a private one to creator, assignees and admins only', () => {
    fc.assert(
      fc.property(anyPrincipal, anyTask, (principal, task) => {
        const entitled = principal.admin || [task.created_by, ...task.assignees].includes(principal.user);
        expect(canSee(principal, task)).toBe(task.visibility === 'workspace' || entitled);
      }),
    );
  });

  it('never gives a principal an image that it may not see, and keeps its board right', () => {
    fc.assert(
      fc.property(anyPrincipal, anyTaskChange, (principal, change) => {
        const events = eventsFor(change, allOf(principal));
        const board = new Map<number, Task>();
        const visible = (image: Parameters<typeof canSee>[1] | undefined): boolean =>
          Boolean(image && canSee(principal, image));
        const wasThere = visible(change.before);
        for (const event of events) {
          if (event.type === 'task.deleted') {
            expect(wasThere).toBe(true);
            board.delete(event.taskId);
          } else {
            expect(canSee(principal, event.task)).toBe(true);
            expect(event.type === 'task.created').toBe(!wasThere);
            board.set(event.taskId, event.task);
          }
        }
        expect(board.has(7)).toBe(visible(change.after));
        expect(events.some(({ type }) => type === 'task.deleted')).toBe(wasThere && !visible(change.after));
      }),
    );
  });

  it('tells a status change as status_changed, then updated', () => {
    fc.assert(
      fc.property(anyTaskChange, (change) => {
        const types = eventsFor(change, allOf({ workspace: 'acme', user: 'root', admin: true })).map(
          ({ type }) => type,
        );
        const { before, after } = change;
        const moved = before && after && before.status !== after.status;
        if (before && after) {
          expect(types).toEqual(moved ? ['task.status_changed', 'task.updated'] : ['task.updated']);
        }
      }),
    );
  });

  it('encodes for the wire what it derives, for every view of the same change', () => {
    fc.assert(
      fc.property(anyTaskChange, fc.array(anyPrincipal, { maxLength: 6 }), (change, principals) => {
        for (const principal of principals) {
          const encoded = encodedEventsFor(change, allOf(principal)).map(
            ({ json }) => JSON.parse(json) as unknown,
          );
          expect(encoded).toEqual(JSON.parse(JSON.stringify(eventsFor(change, allOf(principal)))));
        }
      }),
    );
  });

  it('has another fingerprint for every other workspace, user or right', () => {
    fc.assert(
      fc.property(anyPrincipal, anyPrincipal, (one, other) => {
        const same = one.user === other.user && one.admin === other.admin;
        expect(rightsFingerprint(one) === rightsFingerprint(other)).toBe(same);
        expect(rightsFingerprint({ ...one, workspace: 'other' })).not.toBe(rightsFingerprint(one));
      }),
    );
  });
});
