import { createParser } from 'eventsource-parser';
import type { TrafficObserver } from '../gateway/traffic-log.ts';
import type { OnSocketCall } from '../websocket/management.ts';

/** A frame that was sent to a client. */
export interface SentFrame {
  /** Its number among all frames since the start, from 1 on. */
  readonly number: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly transport: 'stream' | 'WebSocket';
  /** Which client: the number of its stream since the start, or what API Gateway calls its WebSocket. */
  readonly client: string;
  /** Such as `message`, `ping` or `end`. */
  readonly event: string;
  /** The cursor, where it has one. */
  readonly id: string | undefined;
  /** Bytes of its data, all of it. */
  readonly bytes: number;
  /** Its data, cut where it is long. */
  readonly data: string;
}

/** How many frames are kept, and how much of the data of each, characters: two megabytes at the most. */
const kept = { frames: 500, data: 2000 } as const;

/** The frames that clients were sent last, of both transports. */
export class RecentFrames {
  readonly #frames: SentFrame[] = [];
  #number = 0;
  #streams = 0;

  /** Hears the frames of streams. */
  readonly stream: TrafficObserver['stream'] = (_, response) => {
    this.#streams += 1;
    const client = String(this.#streams);
    const decoder = new TextDecoder();
    const parser = createParser({
      onEvent: ({ event = 'message', id, data }) =>
        this.#add({ transport: 'stream', client, event, id, ...shown(data) }),
    });
    return (bytes) => {
      if (response.statusCode === 200) parser.feed(decoder.decode(bytes, { stream: true }));
    };
  };

  /** Hears what functions send to WebSockets. */
  readonly socketCall = ({ method, connectionId: client, text }: Parameters<OnSocketCall>[0]): void => {
    if (method !== 'POST') return;
    const {
      event = 'message',
      id,
      data,
    } = JSON.parse(text) as Partial<Record<'event' | 'id', string>> & {
      data?: unknown;
    };
    this.#add({ transport: 'WebSocket', client, event, id, ...shown(JSON.stringify(data ?? {})) });
  };

  /** The kept frames that came after one, by its number. */
  after(number: number): readonly SentFrame[] {
    return this.#frames.filter((frame) => frame.number > number);
  }

  #add(frame: Omit<SentFrame, 'number' | 'at'>): void {
    this.#number += 1;
    this.#frames.push({ number: this.#number, at: Date.now(), ...frame });
    if (this.#frames.length > kept.frames) this.#frames.shift();
  }
}

function shown(data: string): Pick<SentFrame, 'bytes' | 'data'> {
  const text = data.length > kept.data ? `${data.slice(0, kept.data)}…` : data;
  return { bytes: Buffer.byteLength(data), data: text };
}
