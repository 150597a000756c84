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

/** The data of the task events among frames, parsed, without their time of day. */
export function taskEvents(frames: readonly SeenFrame[]): readonly Record<string, unknown>[] {
  return frames
    .map(({ data }) => JSON.parse(data) as Record<string, unknown>)
    .filter(({ type }) => typeof type === 'string' && type.startsWith('task.'));
}
