import type { EndReason } from '../../protocol/end-reasons.ts';
import type { TaskEventType } from '../../protocol/events.ts';
import type { ControlFrame, Message, ResumeReason } from '../../protocol/frames.ts';

/** A frame as it was received; `data` is parsed. */
export interface Frame {
  readonly id: string | undefined;
  readonly event: ControlFrame | TaskEventType | undefined;
  readonly data: Readonly<Record<string, unknown>> & {
    readonly type?: Message['type'];
    readonly reason?: EndReason | ResumeReason;
  };
  /** Epoch milliseconds. */
  readonly at: number;
}

/** The frames of one connection, and whether each may come where it came. Source: docs/PROTOCOL.md. */
export class FrameOrder {
  readonly #hasCursor: boolean;
  #count = 0;
  /** The last frame of a session that the server ended. */
  end: Frame | undefined;

  /** @param hasCursor whether the client gave a cursor when it connected */
  constructor(hasCursor: boolean) {
    this.#hasCursor = hasCursor;
  }

  /** Takes the next frame. @returns what is wrong with its place, in words */
  take(frame: Frame): string[] {
    const { event, data } = frame;
    const place = this.#count;
    this.#count += 1;
    if (this.end !== undefined) return [`"${event ?? data.type}" came after the end`];
    if (event === 'end') {
      this.end = frame;
      return [];
    }
    const isEstablished = data.type === 'connection.established';
    if (isEstablished !== (place === 0)) return [`"${event ?? data.type}" came as frame ${place}`];
    if (place === 1 && this.#hasCursor)
      return event === 'resume' ? [] : [`"${event ?? data.type}" came where a resume must`];
    // In the middle of a stream it tells of what was lost since: no other rights, and no success.
    const isGreeting = event === 'resume' && (data['complete'] === true || data.reason === 'rights_changed');
    return isGreeting ? [`a resume came as frame ${place}, and nobody resumed`] : [];
  }
}
