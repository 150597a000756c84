import { snapshotOf } from '../../core/awareness/awareness.ts';
import { CursorSeal } from '../../core/log/cursor.ts';
import type { TaskChange } from '../../core/log/change.ts';
import { eventsFor } from '../../core/subscription/events.ts';
import { everything } from '../../core/subscription/filter.ts';
import { markReturn } from '../../protocol/cursor.ts';
import { endReasons } from '../../protocol/end-reasons.ts';
import type { Frame } from '../../protocol/frames.ts';
import { establishedType } from '../../protocol/frames.ts';
import { encodeData } from '../../protocol/json.ts';
import { commentLine, encodeFrame } from '../../protocol/sse.ts';
import type { Task } from '../../protocol/task.ts';
import type { SocketEvent } from '../../protocol/web-socket.ts';
import { encodeNotice, encodeSocketFrame } from '../../protocol/web-socket.ts';
import { measured } from './measured.ts';

/** What is sent, in bytes, as the functions write it: without headers, TLS and what HTTP/2 puts around it. */
export interface FrameBytes {
  readonly stream: {
    /** What each session begins and ends with. */
    readonly session: number;
    /** What one begins with besides that comes back with a cursor. */
    readonly resume: number;
    readonly ping: number;
    /** All frames of one change. */
    readonly change: number;
  };
  readonly socket: {
    /** What answers `subscribe`, `ping`, and `presence`. */
    readonly subscribed: number;
    readonly ping: number;
    readonly presence: number;
    /** All frames of one change. */
    readonly change: number;
  };
}

const time = new Date(0).toISOString();
const connectionId = '00000000-0000-0000-0000-000000000000';
const principal = { workspace: 'workspace', user: 'a-user', admin: false };
const log = '0'.repeat(16);
/** Each digit more of a number is a byte or two more. */
const position = { log, segment: 10, change: 0, frame: 0 };
const cursor = new CursorSeal({ log, key: 'k'.repeat(43) }, principal).seal(position);

const task: Task = {
  id: 10,
  name: 'n'.repeat(measured.taskNameLength),
  description: null,
  status: 'inbox',
  priority: 0,
  blocked: false,
  assigned_to_agent: false,
  archived: false,
  created_by: principal.user,
  assignees: [],
  visibility: 'workspace',
  created_at: time,
  updated_at: time,
  updated_by: principal.user,
  version: 1,
};

/** As API Gateway names a request that does not name itself. */
export const gatewayRequestId = 'JKJaXmPLvHcESHA=';

/** What a subscriber hears of a new task, as JSON. */
function newTaskJson(): string {
  const change: TaskChange = {
    kind: 'task',
    source: '1',
    at: 0,
    task: task.id,
    after: task,
    correlation: gatewayRequestId,
  };
  const [event] = eventsFor(change, { principal, filter: everything });
  return encodeData(event!);
}

const established = encodeData({
  type: establishedType,
  connectionId,
  userId: principal.user,
  timestamp: time,
});
const timestamp = encodeData({ timestamp: time });

function streamBytes(frame: Frame): number {
  return Buffer.byteLength(encodeFrame(frame));
}

function socketBytes(event: SocketEvent, json: string, hasAfter: boolean): number {
  const place = [position.segment, 0, 0] as const;
  const after = hasAfter ? place : undefined;
  return Buffer.byteLength(
    encodeSocketFrame({ subscription: '1', id: cursor, event, log, place, after, json }),
  );
}

/**
 * The sizes of what is sent for tasks of usual size.
 * @param paddingBytes as the stage has it: it follows each write of a stream.
 */
export function frameBytes(paddingBytes: number): FrameBytes {
  // A comment of a colon and a line end is the shortest there is.
  const padding = paddingBytes > 0 ? Math.max(2, paddingBytes) : 0;
  const json = newTaskJson();
  const returnId = markReturn(cursor, connectionId, Date.UTC(2026, 0));
  const reason = 'session_length';
  const first = streamBytes({ id: cursor, json: established, retry: 2000 });
  const handover = encodeData({ reason, endsAt: time });
  const end = encodeData({ reason, ...endReasons[reason] });
  const last =
    streamBytes({ id: returnId, event: 'handover', json: handover }) +
    streamBytes({ id: returnId, event: 'end', json: end });
  return {
    stream: {
      session: Buffer.byteLength(commentLine) + first + last + 3 * padding,
      resume: streamBytes({ id: cursor, event: 'resume', json: encodeData({ complete: true }) }),
      ping: streamBytes({ id: cursor, event: 'ping', json: timestamp }) + padding,
      change: measured.eventsPerChange * (streamBytes({ id: cursor, json }) + padding),
    },
    socket: {
      subscribed: socketBytes('message', established, false) + socketBytes('live', timestamp, true),
      ping: socketBytes('ping', timestamp, true),
      presence: Buffer.byteLength(encodeNotice('presence', { viewId: connectionId, expiresAt: time }, '1')),
      change: measured.eventsPerChange * socketBytes('message', json, true),
    },
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

/** The sizes of what tells so many viewers, none of whom has a task open. */
export function snapshotBytes(viewers: number, paddingBytes: number): { stream: number; socket: number } {
  const viewer = { userId: principal.user, state: 'active', tasks: [], since: time } as const;
  const events = snapshotOf(
    Array.from({ length: viewers }, () => viewer),
    0,
  );
  return {
    stream: paddingBytes + sum(events.map((event) => streamBytes({ json: encodeData(event) }))),
    socket: sum(events.map((event) => Buffer.byteLength(encodeNotice('message', event, '1')))),
  };
}
