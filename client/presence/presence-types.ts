import type { Viewer } from '../../protocol/awareness.ts';
import type { ConnectOptions } from '../connect.ts';

export interface PresenceOptions {
  /** The task that is open on the page, where one is. */
  readonly taskId?: number | undefined;
  /** As `connect` was told: over a WebSocket nobody says that somebody has stopped to type without a word. */
  readonly transport?: ConnectOptions['transport'] | undefined;
}

/** Who is there and who types, and what this page says of it. All functions may be handed on alone. */
export interface Presence {
  /** All who are there, the page's own user too, by their ids: the same array while nothing changes. */
  readonly getSnapshot: () => readonly Viewer[];
  /** Those of them who look at a task: the same array while they are the same. */
  readonly viewersAt: (taskId: number) => readonly Viewer[];
  /** Ids of the others who type at a task: the same array while they are the same. */
  readonly typingAt: (taskId: number) => readonly string[];
  /**
   * Calls `listener` after each turn in which something has changed of who is there or who types.
   * @returns ends that.
   */
  readonly subscribe: (listener: () => void) => () => void;
  /** Says which task is open on the page, if one is. */
  readonly setTask: (taskId: number | undefined) => void;
  /** The user types at a task: to be called for each input. It ends some seconds after the last. */
  readonly typing: (taskId: number) => void;
  /** The user has stopped, such as by sending what was typed. */
  readonly stopTyping: () => void;
  /** Says that the page is not there any more, and tells nobody of anything. */
  readonly close: () => void;
}
