import { useEffect, useRef, useState } from 'react';
import { newIdempotencyKey } from '../../client/store/index.ts';
import { useBoard } from '../app/board-context.ts';
import { useToasts } from '../toasts/use-toasts.ts';
import type { TaskDraft } from './task-draft.ts';
import { emptyDraft, fieldsOfDraft } from './task-draft.ts';

/** A new task that is being written, and what becomes of it. */
export interface Creation {
  readonly draft: TaskDraft;
  /** Why it could not be created, for people. */
  readonly error: string | undefined;
  readonly isSaving: boolean;
  readonly change: (changes: Partial<TaskDraft>) => void;
  readonly discard: () => void;
  readonly save: () => Promise<void>;
}

export interface UseCreationOptions {
  /** Whether the form is open: what goes wrong after it was closed is told elsewhere. */
  readonly isOpen: boolean;
  readonly onCreated: () => void;
}

/**
 * Keeps what is typed into the form of a new task until it is created or discarded, and makes one task of it however often it
 * is sent: a draft has one key, until something in it changes.
 */
export function useCreation({ isOpen, onCreated }: UseCreationOptions): Creation {
  const { store } = useBoard();
  const toasts = useToasts();
  const [draft, setDraft] = useState(emptyDraft);
  const [error, setError] = useState<string>();
  const [isSaving, setIsSaving] = useState(false);
  const key = useRef<string>(undefined);
  // Two clicks may come before the next render.
  const isUnderWay = useRef(false);
  const isShown = useRef(isOpen);
  useEffect(() => {
    isShown.current = isOpen;
  });
  const become = (next: TaskDraft): void => {
    key.current = undefined;
    setDraft(next);
    setError(undefined);
  };
  const save = async (): Promise<void> => {
    if (store === undefined || isUnderWay.current) return;
    isUnderWay.current = true;
    setIsSaving(true);
    setError(undefined);
    key.current ??= newIdempotencyKey();
    try {
      await store.create(fieldsOfDraft(draft), { key: key.current });
      become(emptyDraft);
      onCreated();
    } catch (problem) {
      const { message } = problem as Error;
      setError(message);
      if (!isShown.current)
        toasts.show({ text: `“${draft.name}” was not added: ${message}`, isProblem: true });
    }
    isUnderWay.current = false;
    setIsSaving(false);
  };
  return {
    draft,
    error,
    isSaving,
    // What is under way is what the user has sent.
    change: (changes) => !isUnderWay.current && become({ ...draft, ...changes }),
    discard: () => !isUnderWay.current && become(emptyDraft),
    save,
  };
}
