/** A place in a workspace's log: the next frame to send. Comparable only within one `log`. */
export interface Position {
  /** Identity of the log, or `NO_LOG` where the workspace had none yet: then the place is its very beginning. */
  readonly log: string;
  /** Number of the segment, from 1. */
  readonly segment: number;
  /** Index of the change in its segment. */
  readonly change: number;
  /** Index of the frame among those that the change gives to this principal. */
  readonly frame: number;
}

/** A position and the rights under which it was reached (see `rightsFingerprint`). */
export interface Cursor extends Position {
  readonly rights: string;
}

/** Stands for the log identity where a workspace has no log yet. */
export const NO_LOG = '0';

/** The longest text that can be a cursor; longer ones are not looked at. Characters. */
const LONGEST_CURSOR = 96;

const NUMBER = '(?:0|[1-9][0-9]{0,14})';
const CURSOR = new RegExp(`^(0|[0-9a-f]{16})\\.(${NUMBER})\\.(${NUMBER})\\.(${NUMBER})\\.([0-9a-f]{12})$`);

/** The start of a segment. */
export function startOf(log: string, segment: number): Position {
  return { log, segment, change: 0, frame: 0 };
}

/** The cursor as text: ASCII, safe in a URL and in a header. */
export function encodeCursor(position: Position, rights: string): string {
  return `${position.log}.${position.segment}.${position.change}.${position.frame}.${rights}`;
}

/** Reads a cursor that a client gave back; undefined for anything that `encodeCursor` did not make. */
export function decodeCursor(text: string): Cursor | undefined {
  const match = text.length <= LONGEST_CURSOR ? CURSOR.exec(text) : null;
  if (!match) return undefined;
  const [, log, segment, change, frame, rights] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const cursor = { log, segment: Number(segment), change: Number(change), frame: Number(frame), rights };
  const atTheBeginning = cursor.segment === 1 && cursor.change === 0 && cursor.frame === 0;
  if (cursor.segment < 1 || (log === NO_LOG && !atTheBeginning)) return undefined;
  return cursor;
}
