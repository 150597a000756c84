import { jsonOrText } from './json-or-text.ts';

/** A frame of an event stream. */
export interface Frame {
  readonly id: string | undefined;
  readonly event: string | undefined;
  /** Parsed where it is JSON, else the text. */
  readonly data: unknown;
}

/**
 * Takes an event stream in pieces and gives its frames, by the rules of
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation. One difference: an id
 * belongs to its own frame only, because Taskwire's protocol promises one on each.
 */
export class FrameParser {
  #rest = '';
  #id: string | undefined;
  #event: string | undefined;
  #data: string[] = [];

  /** Gives the frames that this piece of the text completes. */
  push(text: string): Frame[] {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    return lines.flatMap((line) => this.#line(line));
  }

  #line(line: string): Frame[] {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'id') this.#id = value;
    if (name === 'event') this.#event = value;
    if (name === 'data') this.#data.push(value);
    return [];
  }

  #dispatch(): Frame[] {
    const [id, event, data] = [this.#id, this.#event, this.#data];
    this.#id = undefined;
    this.#event = undefined;
    this.#data = [];
    return data.length === 0 ? [] : [{ id, event, data: jsonOrText(data.join('\n')) }];
  }
}
