import type { AwarenessEvent, PresenceNoted, TypingNoted } from './awareness.ts';
import type { EndReason } from './end-reasons.ts';
import type { ErrorBody } from './errors.ts';
import type { ControlData, ControlFrame, Ping } from './frames.ts';
import { encodeData } from './json.ts';

/** The subprotocol of the WebSocket: who offers any must offer this one, and it is the one that is selected. */
export const subprotocol = 'taskwire';

/** A client that can set no header, such as a page, may offer its token besides, after this. */
export const bearerPrefix = 'bearer.';

/** What a client may ask for in a message, as its `action`. */
export const socketActions = ['subscribe', 'resume', 'ping', 'presence', 'typing'] as const;

export type SocketAction = (typeof socketActions)[number];

/** The longest name that a client may give its subscription, UTF-16 code units. */
export const longestSubscription = 64;

/** The fields of each message; there are no others. */
export const socketMessageFields: Readonly<Record<SocketAction, readonly string[]>> = {
  subscribe: [
    'action',
    'subscription',
    'cursor',
    'since',
    'events',
    'tasks',
    'status',
    'assigned_to_agent',
    'presence',
  ],
  resume: ['action', 'subscription', 'cursor'],
  ping: ['action', 'subscription', 'cursor'],
  presence: ['action', 'subscription', 'viewId', 'state', 'taskId', 'lease'],
  typing: ['action', 'subscription', 'taskId', 'typing'],
};

/** The names of frames that only a WebSocket has, beside those of a stream. */
export const socketFrames = ['message', 'live', 'catching_up', 'presence', 'typing', 'error'] as const;

/** Names of frames on a WebSocket: `message` for what has no name on a stream. */
export type SocketEvent = ControlFrame | (typeof socketFrames)[number];

/** Data of `live`: everything that was logged when it was made has been told. */
export type Live = Ping;

/**
 * A place in the log as numbers: segment, change, frame. Of two the one with the first greater number is later. Unlike
 * cursors, places may be compared; they grant nothing.
 */
export type Place = readonly [segment: number, change: number, frame: number];

/** What the server sends at a time that has a place in the log; `data` is that of the frame on a stream. */
export interface SocketFrame {
  /** As the client named its subscription; left out where it did not. */
  readonly subscription?: string | undefined;
  /** The cursor. */
  readonly id: string;
  readonly event: SocketEvent;
  /** Identity of the log: places of two logs, of which one has taken the place of the other, cannot be compared. */
  readonly log: string;
  /** Where the client is after it. */
  readonly place: Place;
  /**
   * The earliest place from which nothing is missed before it; left out where the client is put to `place` from wherever
   * it was.
   */
  readonly after?: Place | undefined;
  /** The cursor that the client gave, where it cannot go on from there. */
  readonly given?: string | undefined;
  /** JSON text of its data, as `encodeData` makes it. */
  readonly json: string;
}

/** A frame as the text of a message. */
export function encodeSocketFrame({ json, ...frame }: SocketFrame): string {
  return `${JSON.stringify(frame).slice(0, -1)},"data":${json}}`;
}

/** The data of frames that have no place in the log. */
interface Notices {
  readonly error: ErrorBody;
  readonly ping: Ping;
  readonly handover: ControlData['handover'];
  readonly end: { readonly reason: EndReason; readonly reconnect: boolean };
  readonly message: AwarenessEvent;
  readonly presence: PresenceNoted;
  readonly typing: TypingNoted;
}

/** A frame without a place in the log, as the text of a message. */
export function encodeNotice<Name extends keyof Notices>(
  event: Name,
  data: Notices[Name],
  subscription?: string,
): string {
  return encodeData({ subscription, event, data });
}
