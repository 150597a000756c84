import { createContext } from 'react';

/** Id of the task that is being dragged, or was moved last by keys: its card stays rendered, wherever it is in its column. */
export const DraggedTask = createContext<number | undefined>(undefined);

/** Keeps the card of a task rendered from now on, so that it can have the focus. */
export const KeepTask = createContext<(id: number) => void>(() => undefined);
