/** The line ends that JSON does not escape. Python splits lines at all three, for example. */
const rawLineEnds = /[\u0085\u2028\u2029]/g;

/** A value as the JSON of a frame, in one line for whatever client reads it. */
export function encodeData(value: unknown): string {
  return JSON.stringify(value).replace(
    rawLineEnds,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
