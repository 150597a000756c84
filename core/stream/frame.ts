/** A Server-Sent Events frame: https://html.spec.whatwg.org/multipage/server-sent-events.html */
export interface Frame {
  /** The cursor. `encodeCursor` makes nothing but letters, digits and dots. */
  readonly id: string;
  /** Name of the event; without one the browser calls `onmessage`. */
  readonly event?: string | undefined;
  /** JSON text, as `JSON.stringify` makes it. */
  readonly json: string;
  /** How long EventSource waits before it reconnects, milliseconds. */
  readonly retry?: number | undefined;
}

/** The characters that end a line in an event stream, and NUL, which makes a browser ignore an `id`. */
// oxlint-disable-next-line no-control-regex -- these control characters are what is looked for
const FORBIDDEN = /[\r\n\0]/;

/**
 * A frame as text. No field can forge another: `JSON.stringify` escapes CR, LF and NUL in data, and a frame with a raw
 * one in any field is refused.
 * @throws {RangeError} when a field holds CR, LF or NUL.
 */
export function encodeFrame({ id, event, json, retry }: Frame): string {
  if (FORBIDDEN.test(id) || FORBIDDEN.test(json) || (event !== undefined && FORBIDDEN.test(event))) {
    throw new RangeError('a frame field holds CR, LF or NUL');
  }
  const name = event === undefined ? '' : `event: ${event}\n`;
  const wait = retry === undefined ? '' : `retry: ${retry}\n`;
  return `${wait}id: ${id}\n${name}data: ${json}\n\n`;
}
