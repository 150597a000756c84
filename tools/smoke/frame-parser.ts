import { createParser } from 'eventsource-parser';
import { jsonOrText } from './json-or-text.ts';

/** A frame of an event stream. */
export interface Frame {
  /** Its own; undefined where it has none, whatever the frames before it had. */
  readonly id: string | undefined;
  readonly event: string | undefined;
  /** Parsed where it is JSON, else the text. */
  readonly data: unknown;
}

/** Takes an event stream in pieces and gives its frames. */
export class FrameParser {
  #complete: Frame[] = [];
  readonly #parser = createParser({
    onEvent: ({ id, event, data }) => this.#complete.push({ id, event, data: jsonOrText(data) }),
  });

  /** Gives the frames that this piece of the text completes. */
  push(text: string): Frame[] {
    this.#parser.feed(text);
    const frames = this.#complete;
    this.#complete = [];
    return frames;
  }
}
