/** How the cursor of an end that wants no reconnect ends. */
export const terminalMark = '.end';

/** The cursor as the id of a terminal `end` frame, which EventSource gives back in `Last-Event-ID`. */
export function markTerminal(cursor: string): string {
  return cursor + terminalMark;
}

/** Whether a cursor is the id of a terminal `end` frame. */
export function isTerminal(cursor: string): boolean {
  return cursor.endsWith(terminalMark);
}

/** The cursor without the mark: where a client that opens a new stream on purpose goes on. */
export function withoutTerminalMark(cursor: string): string {
  return isTerminal(cursor) ? cursor.slice(0, -terminalMark.length) : cursor;
}

/**
 * What the ids of `handover` frames, and of `end` frames that want a reconnect, carry behind the cursor: which stream the
 * client had before, and since when the client is there. It is not sealed: it decides only in which order the streams of
 * one user are asked and ended, so whoever forges one harms nobody else.
 */
export interface ReturnMark {
  /** The stream before, as `shortId` has it. */
  readonly after: string;
  /** When the client first came, epoch milliseconds. */
  readonly born: number;
}

const returnMark = /\.after-([0-9A-Za-z]{1,8})-([0-9a-z]{1,9})$/;

/** What a mark keeps of the id of a connection: enough to tell the few streams of one user apart. */
export function shortId(connectionId: string): string {
  return connectionId.slice(0, 8);
}

/** The cursor as the id of a frame after which the client opens its next stream. */
export function markReturn(cursor: string, connectionId: string, born: number): string {
  return `${cursor}.after-${shortId(connectionId)}-${born.toString(36)}`;
}

/** The mark that a cursor carries; undefined without one. */
export function returnMarkOf(cursor: string): ReturnMark | undefined {
  const [, after, born] = returnMark.exec(cursor) ?? [];
  return after === undefined || born === undefined ? undefined : { after, born: parseInt(born, 36) };
}

/** The cursor without the mark. */
export function withoutReturnMark(cursor: string): string {
  return cursor.replace(returnMark, '');
}
