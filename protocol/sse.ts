import type { Frame } from './frames.ts';

/**
 * The characters that end a line in an event stream, those that Unicode has for it and some clients split lines at, and
 * NUL, which makes a browser ignore an `id`.
 */
// oxlint-disable-next-line no-control-regex -- these control characters are what is looked for
const forbidden = /[\r\n\0\u0085\u2028\u2029]/;

/** A comment line. It ends no frame: a blank line would be an empty message to some clients. */
export const commentLine = ':\n';

/**
 * A frame as text of an event stream: https://html.spec.whatwg.org/multipage/server-sent-events.html
 *
 * No field can forge another: `encodeData` escapes all line ends and NUL in data, and a frame with a raw
 * one in any field is refused. The `id` comes last, because some clients keep it as soon as they have read its line: cut
 * off before it, a frame has not moved them on.
 * @throws {RangeError} when a field holds a line end or NUL.
 */
export function encodeFrame({ id, event, json, retry }: Frame): string {
  if (forbidden.test(json) || forbidden.test(id ?? '') || forbidden.test(event ?? '')) {
    throw new RangeError('a frame field holds a line end or NUL');
  }
  const wait = retry === undefined ? '' : `retry: ${retry}\n`;
  const name = event === undefined ? '' : `event: ${event}\n`;
  const place = id === undefined ? '' : `id: ${id}\n`;
  return `${wait}${name}data: ${json}\n${place}\n`;
}
