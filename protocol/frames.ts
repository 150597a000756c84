import type { AwarenessType } from './awareness.ts';
import type { EndReason } from './end-reasons.ts';
import type { TaskEvent, TaskEventType } from './events.ts';

/** The names of the frames that are about the stream itself; a frame about tasks has none unless the client asks for it. */
export const controlFrames = ['resume', 'ping', 'handover', 'end'] as const;

export type ControlFrame = (typeof controlFrames)[number];

/** The `type` of the first frame of a session, which has no name. */
export const establishedType = 'connection.established';

/** Data of the first frame of a session. */
export interface Established {
  readonly type: typeof establishedType;
  readonly connectionId: string;
  readonly userId: string;
  readonly timestamp: string;
}

/** Data of the frames without a name. */
export type Message = Established | TaskEvent;

/** Why a client cannot go on from where it was, and loads everything again. */
export const resumeReasons = ['unknown_cursor', 'history_expired', 'rights_changed', 'resync'] as const;

export type ResumeReason = (typeof resumeReasons)[number];

/** Data of `resume`: `complete` when nothing is missing between the cursor and this stream. */
export interface Resume {
  readonly complete: boolean;
  readonly reason?: ResumeReason;
}

/** Data of `ping`. */
export interface Ping {
  readonly timestamp: string;
}

/** Data of `handover`: the stream is going to end, and its client may open the next one first. */
export interface Handover {
  readonly reason: EndReason;
  readonly endsAt: string;
}

/** Data of `end`, the last frame. */
export interface End {
  readonly reason: EndReason;
  /** Whether the client may come back as it is. */
  readonly reconnect: boolean;
}

/** What the server sends at a time, whatever carries it. */
export interface Frame {
  /** The cursor. A frame without one leaves the client's as it is. */
  readonly id?: string | undefined;
  /** Its name; without one a browser calls `onmessage`. */
  readonly event?: ControlFrame | TaskEventType | AwarenessType | undefined;
  /** JSON text, as `encodeData` makes it. */
  readonly json: string;
  /** How long EventSource waits before it reconnects, milliseconds. */
  readonly retry?: number | undefined;
}

/** The data of each control frame. */
export interface ControlData {
  readonly resume: Resume;
  readonly ping: Ping;
  readonly handover: Handover;
  readonly end: End;
}
