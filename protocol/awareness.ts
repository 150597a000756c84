/** Whether a viewer looks at the page, or has it in the background. */
export const viewerStates = ['active', 'hidden'] as const;

export type ViewerState = (typeof viewerStates)[number];

/** What a page says of itself: how it is seen, or that it closes. */
export const viewStates = [...viewerStates, 'left'] as const;

export type ViewState = (typeof viewStates)[number];

/** Who is viewing the board: one for each user, however many pages that has. */
export interface Viewer {
  readonly userId: string;
  /** `active` where one of the user's pages is. */
  readonly state: ViewerState;
  /** The tasks that are open on active pages, of those that whoever hears of it may see; ascending. */
  readonly tasks: readonly number[];
  /** Since when, ISO 8601 UTC. */
  readonly since: string;
}

/** The types of the events about other users. They are told to whoever asks for them, and kept nowhere. */
export const awarenessTypes = [
  'presence.snapshot',
  'presence.joined',
  'presence.updated',
  'presence.left',
  'typing.started',
  'typing.stopped',
] as const;

export type AwarenessType = (typeof awarenessTypes)[number];

interface EventOf<Type extends AwarenessType> {
  readonly type: Type;
  /** ISO 8601 UTC. */
  readonly timestamp: string;
}

/** Who is there; a long list comes in more than one, `last` with the last of them. */
export type PresenceSnapshot = EventOf<'presence.snapshot'> & {
  readonly viewers: readonly Viewer[];
  readonly last: boolean;
};

export type PresenceChange = EventOf<'presence.joined' | 'presence.updated'> & Viewer;

export type PresenceLeft = EventOf<'presence.left'> & { readonly userId: string };

export type TypingStarted = EventOf<'typing.started'> & {
  readonly taskId: number;
  readonly userId: string;
  /** When it ends by itself, unless it is said again; ISO 8601 UTC. */
  readonly expiresAt: string;
};

export type TypingStopped = EventOf<'typing.stopped'> & { readonly taskId: number; readonly userId: string };

/** What a client hears about other users, if it asks for that. */
export type AwarenessEvent = PresenceSnapshot | PresenceChange | PresenceLeft | TypingStarted | TypingStopped;

/** How long a page counts as there without a word, where it does not say, seconds. */
export const usualPresenceSeconds = 60;

/** How long somebody counts as typing without a word, seconds. */
export const typingSeconds = 6;

/** The answer to a page that has said how it is. */
export interface PresenceNoted {
  readonly viewId: string;
  /** Until when it counts unless it says so again, ISO 8601 UTC. */
  readonly expiresAt: string;
}

/** The answer to who types. */
export interface TypingNoted {
  readonly taskId: number;
  readonly typing: boolean;
  /** When it ends by itself, ISO 8601 UTC. */
  readonly expiresAt: string;
}

/** The fields of what a page says of itself; there are no others but its `token`, where it closes. */
export const presenceFields = ['viewId', 'state', 'taskId', 'lease'] as const;

/** The fields of what is said about typing at a task. */
export const typingFields = ['typing'] as const;
