/**
 * Whether an answer's text so far is that of an event stream, and its first frame has begun; an error begins with a
 * brace.
 */
export function isStream(text: string): boolean {
  // A comment comes with the headers.
  return /^(?::\n)*retry: /.test(text);
}
