/** A cursor by its form. */
const cursorPattern = /^[0-9a-f]+(\.\d+){3}(\.[A-Za-z0-9_-]+){2}$/;

/** A block of an event stream, read by its bytes. */
export interface StrictFrame {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly retry: string | undefined;
  readonly data: unknown;
}

/**
 * Reads an event stream as strictly as the protocol says it is written, unlike a browser, which forgives: lines end with
 * LF only and hold nothing else that Unicode knows as a line end, blank lines come only at the end of a frame, each frame
 * has each field once at most and the `id` last, the data is one line of JSON, and nothing else is there. So a frame that
 * was forged through a field of a task cannot look like one of the server's.
 * @param bytes from the begin of the stream; what follows the last whole frame is left out.
 * @throws {Error} for anything that the server must not send.
 */
export function readStrictly(bytes: Buffer): StrictFrame[] {
  const end = bytes.lastIndexOf('\n\n');
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, end));
  // oxlint-disable-next-line no-control-regex -- these control characters are what is looked for
  if (/[\r\0\u0085\u2028\u2029]/.test(text))
    throw new Error('the stream holds a line end that is no LF, or NUL');
  return text.split('\n\n').map((block) => readBlock(block.split('\n')));
}

function readBlock(block: readonly string[]): StrictFrame {
  const lines = block.filter((line) => !line.startsWith(':'));
  const fields = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = /^(id|event|retry|data): (.+)$/su.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error(`no line of a frame: ${line}`);
    if (fields.has(name)) throw new Error(`twice in a frame: ${line}`);
    fields.set(name, value);
  }
  if (fields.has('id') && !lines.at(-1)!.startsWith('id: '))
    throw new Error(`the id is not last: ${lines.join(' | ')}`);
  const [id, event, retry, data] = ['id', 'event', 'retry', 'data'].map((name) => fields.get(name));
  if (id !== undefined && !cursorPattern.test(id)) throw new Error(`no cursor: ${id}`);
  if (event !== undefined && !/^[a-z_.]+$/.test(event)) throw new Error(`no name of an event: ${event}`);
  if (retry !== undefined && !/^\d+$/.test(retry)) throw new Error(`no time: ${retry}`);
  if (data === undefined) throw new Error(`a frame without data: ${lines.join(' | ')}`);
  return { id, event, retry, data: JSON.parse(data) };
}
