import { useState } from 'react';
import type { Task } from '../../client/index.ts';
import type { TaskFields, TaskWriteOutcome } from '../../client/store/index.ts';
import { useBoard } from '../app/board-context.ts';

type Conflict = Extract<TaskWriteOutcome, { readonly kind: 'conflict' }>;

/** What is chosen of a task, which is saved at once. */
export interface Choices {
  readonly choose: (fields: TaskFields) => void;
  /** Why a choice could not be saved, for people. */
  readonly error: string | undefined;
  /** Somebody else was faster. */
  readonly conflict: Conflict | undefined;
  readonly keepMine: () => void;
  readonly takeTheirs: () => void;
}

/** Saves what the user chooses, and asks where somebody else has chosen meanwhile. */
export function useChoices(task: Task): Choices {
  const { store } = useBoard();
  const [conflict, setConflict] = useState<Conflict>();
  const [error, setError] = useState<string>();
  const settle = async (write: Promise<TaskWriteOutcome>): Promise<void> => {
    setError(undefined);
    setConflict(undefined);
    try {
      const outcome = await write;
      if (outcome.kind === 'conflict') setConflict(outcome);
    } catch (problem) {
      setError((problem as Error).message);
    }
  };
  return {
    choose: (fields) => store && void settle(store.update(task.id, fields, { seen: task })),
    error,
    conflict,
    keepMine: () => conflict && void settle(conflict.keepMine()),
    takeTheirs: () => setConflict(undefined),
  };
}
