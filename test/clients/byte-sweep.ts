import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { encodeData } from '../../protocol/json.ts';
import { commentLine, encodeFrame } from '../../protocol/sse.ts';

/** How a stream is cut: the connection breaks, or it is one whose end nothing tells from an end that was meant. */
export type Cut = 'broken' | 'closed';

const idOf = (place: number): string => `0123456789abcdef.${String(place).padStart(4, '0')}`;

/** The event with this number, as a client must get it. */
export function eventOf(place: number): string {
  return encodeData({ type: 'task.updated', taskId: place, task: { id: place, name: 'Å 😀 \u2028' } });
}

/** What a client gets that is at this place, without a cut: what stands before the event, the event, what follows. */
function partsFrom(place: number, isBack: boolean): readonly string[] {
  const established = encodeData({ type: 'connection.established', connectionId: 'one' });
  const id = idOf(place);
  return [
    encodeFrame({ id, json: established, retry: 1 }) +
      (isBack ? encodeFrame({ id, event: 'resume', json: '{"complete":true}' }) : '') +
      commentLine,
    encodeFrame({ id: idOf(place + 1), json: eventOf(place) }),
    commentLine,
  ];
}

/** A stream that was cut. */
interface Sent {
  /** The event that it was to bring. */
  readonly place: number;
  /** Bytes that it brought before the cut. */
  readonly bytes: number;
  /** Bytes up to the end of the event. */
  readonly needed: number;
}

/**
 * A server of frames as the product writes them, for one client that always comes back: the first stream is cut at its
 * end, the second before its first byte, the next one behind it, and so on to the end again. A stream brings one event.
 */
export class ByteSweep {
  readonly sent: Sent[] = [];
  /** Cursors that no frame had. */
  readonly unknownIds: string[] = [];
  /** The event of the stream that is not cut, which is the last; undefined before. */
  last: number | undefined;
  readonly #cut: Cut;
  readonly #server: Server;

  private constructor(cut: Cut) {
    this.#cut = cut;
    this.#server = createServer((request, answer) => this.#serve(request, answer));
  }

  static async start(cut: Cut): Promise<ByteSweep> {
    const sweep = new ByteSweep(cut);
    await new Promise<void>((resolve) => {
      sweep.#server.listen(0, '127.0.0.1', resolve);
    });
    return sweep;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/sse/connect`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  #serve({ url, headers }: IncomingMessage, answer: ServerResponse): void {
    if (!url!.startsWith('/sse/connect')) {
      // A page for the browser to be at.
      answer.writeHead(200, { 'content-type': 'text/html' }).end();
      return;
    }
    const id = headers['last-event-id']?.toString();
    let place = id === undefined ? 0 : Number(id.split('.')[1]);
    if (id !== undefined && id !== idOf(place)) {
      this.unknownIds.push(id);
      place = this.sent.at(-1)!.place;
    }
    const parts = partsFrom(place, id !== undefined).map((part) => Buffer.from(part));
    const body = Buffer.concat(parts);
    // The first stream is whole but for its end: clients wait for seconds until they have read a first `retry:`.
    const bytes = this.sent.length === 0 ? body.length : this.sent.length - 1;
    if (this.#cut === 'closed') answer.useChunkedEncodingByDefault = false;
    answer.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform' });
    answer.flushHeaders();
    if (bytes > body.length) {
      this.last = place;
      answer.write(body);
      return;
    }
    this.sent.push({ place, bytes, needed: parts[0]!.length + parts[1]!.length });
    const begin = body.subarray(0, bytes);
    if (this.#cut === 'closed') answer.end(begin);
    else if (bytes === 0) answer.destroy();
    else answer.write(begin, () => answer.destroy());
  }
}
