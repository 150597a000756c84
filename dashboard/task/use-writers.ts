import { useState } from 'react';
import type { Task } from '../../client/index.ts';
import { changedFields } from '../../client/store/index.ts';

/** Who has changed a field of a task last. */
export type Writers = Readonly<Partial<Record<keyof Task, string | null>>>;

const nobody: Writers = {};

/** Who has changed which field of a task while it is shown: whoever has written it last may have changed another one. */
export function useWriters(task: Task): Writers {
  const [{ before, writers }, setKept] = useState({ before: task, writers: nobody });
  if (before === task) return writers;
  const changed = changedFields(before, task);
  const next = {
    ...writers,
    ...Object.fromEntries(changed.map((field) => [field, task.updated_by])),
  };
  setKept({ before: task, writers: next });
  return next;
}
