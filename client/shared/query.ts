type Value = string | number | boolean;

/** What is asked for as a query: a list with commas between its values, and nothing of what is undefined. */
export function queryOf(
  wanted: Readonly<Record<string, Value | readonly Value[] | undefined>>,
): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(wanted)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query;
}
