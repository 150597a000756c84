import { createContext } from 'react';

/** Id of the task that is being dragged: its card stays rendered, wherever it is; undefined while none is. */
export const DraggedTask = createContext<number | undefined>(undefined);
