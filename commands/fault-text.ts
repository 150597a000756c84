const longestLine = 300;
const mostPlaces = 8;

/**
 * An error that nobody foresaw, for whoever mends it: its message and the places it passed, but no code. A message may
 * hold the code of a bundle, in one line of a hundred thousand characters: Node puts it there when a module fails to load.
 */
export function describeFault(error: unknown): string {
  if (!(error instanceof Error)) return shorten(String(error));
  const places = (error.stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line));
  const cause = error.cause === undefined ? [] : [`    because of ${headline(error.cause)}`];
  return [headline(error), ...cause, ...places.slice(0, mostPlaces).map(shorten)].join('\n');
}

/** Name and first line of the message. */
function headline(error: unknown): string {
  if (!(error instanceof Error)) return shorten(String(error));
  return shorten(`${error.name}: ${error.message}`);
}

/** The first line, up to 300 characters. */
export function shorten(text: string): string {
  const [first = ''] = text.split('\n', 1);
  return first.length > longestLine ? `${first.slice(0, longestLine)} …` : first;
}
