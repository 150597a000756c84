import { useEffect, useRef, useState } from 'react';
import type { Task } from '../../client/index.ts';
import { useBoard } from '../app/board-context.ts';
import { useWriters } from './use-writers.ts';
import type { TextEdits, TextName } from './text-edits.ts';
import {
  conflictsOf,
  fieldsOfEdits,
  seenTask,
  textOf,
  withoutSaved,
  withoutText,
  withText,
} from './text-edits.ts';

/** The texts of a task as they are typed, saved, and brought together with what others write. */
export interface TextEditing {
  readonly edits: TextEdits;
  /** The texts about which the user has to decide. */
  readonly conflicts: readonly TextName[];
  /** Who has changed a text last. */
  readonly writerOf: (name: TextName) => string | null;
  readonly isSaving: boolean;
  /** Why the texts could not be saved, for people. */
  readonly error: string | undefined;
  readonly type: (name: TextName, text: string) => void;
  readonly save: () => void;
  readonly discard: () => void;
  readonly keepMine: (name: TextName) => void;
  readonly takeTheirs: (name: TextName) => void;
}

/** Where texts that are not saved are kept. */
export interface KeptEdits {
  readonly edits: TextEdits;
  readonly onChange: (edits: TextEdits) => void;
}

/** Edits the texts of a task. Nothing of what somebody else has written meanwhile is replaced before the user says so. */
export function useTextEdits(task: Task, { edits, onChange }: KeptEdits): TextEditing {
  const { presence } = useBoard();
  const writers = useWriters(task);
  const { isSaving, error, isAsked, save, forget } = useTextSaving(task, { edits, onChange });
  const decide = (next: TextEdits): void => {
    onChange(next);
    if (isAsked && conflictsOf(next, task).length === 0) void save(next);
  };
  return {
    edits,
    // What is being saved is shown as the task already.
    conflicts: isSaving ? [] : conflictsOf(edits, task),
    writerOf: (name) => writers[name] ?? task.updated_by,
    isSaving,
    error,
    type: (name, text) => {
      presence?.typing(task.id);
      onChange(withText(edits, task, name, text));
    },
    save: () => void save(edits),
    discard: () => {
      forget();
      onChange({});
    },
    keepMine: (name) => decide({ ...edits, [name]: { mine: edits[name]!.mine, seen: textOf(task, name) } }),
    takeTheirs: (name) => decide(withoutText(edits, name)),
  };
}

/** Saves texts: `isAsked` when the user wanted to and has to decide something first. */
function useTextSaving(task: Task, { edits, onChange }: KeptEdits) {
  const { store, presence } = useBoard();
  const [error, setError] = useState<string>();
  const [isSaving, setIsSaving] = useState(false);
  const [isAsked, setIsAsked] = useState(false);
  const latest = useRef(edits);
  useEffect(() => {
    latest.current = edits;
  });
  useEffect(() => () => presence?.stopTyping(), [presence]);
  const forget = (): void => {
    presence?.stopTyping();
    setIsAsked(false);
    setError(undefined);
  };
  const save = async (wanted: TextEdits): Promise<void> => {
    if (store === undefined || isSaving || Object.keys(wanted).length === 0) return;
    forget();
    if (conflictsOf(wanted, task).length > 0) return setIsAsked(true);
    setIsSaving(true);
    try {
      const outcome = await store.update(task.id, fieldsOfEdits(wanted), { seen: seenTask(wanted, task) });
      if (outcome.kind === 'done') onChange(withoutSaved(latest.current, wanted));
      // The task is what somebody else has made of it by now: so the question is there.
      if (outcome.kind === 'conflict') setIsAsked(true);
    } catch (problem) {
      setError((problem as Error).message);
    }
    setIsSaving(false);
  };
  return { isSaving, error, isAsked, save, forget };
}
