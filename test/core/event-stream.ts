import { createParser } from 'eventsource-parser';

/** A frame as a browser would see it. */
export interface SeenFrame {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: string;
}

/** Parses event-stream text with a parser that is not ours. */
export function parseFrames(text: string): readonly SeenFrame[] {
  const frames: SeenFrame[] = [];
  const parser = createParser({
    onEvent: ({ id, event, data }) => frames.push({ id, event, data }),
  });
  parser.feed(text);
  return frames;
}
