/**
 * A page ends before what it lists passes this, bytes of the function's result: Lambda takes 6 MB, whatever the `limit`. The
 * body is JSON within JSON there, in which a control character becomes seven bytes. One entry alone is far below it: an
 * item has at most 400 KB.
 */
export const mostResultBytes = 5 * 1024 * 1024;

/** What a JSON text takes of the function's result, bytes. */
export function resultBytes(json: string): number {
  return Buffer.byteLength(JSON.stringify(json));
}
