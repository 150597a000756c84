/** The numbers of a document, by the names that it gives them: a table, or a few words of a sentence. */
export type Numbers = Readonly<Record<string, () => string>>;

/** A name and what is written there, such as `<!-- cost: name -->…<!-- /cost -->`. */
const placeOf = (mark: string): RegExp =>
  new RegExp(`<!-- ${mark}: ([^>]+?) -->([^]*?)<!-- /${mark} -->`, 'g');

/** A document names a number that there is not, or leaves one out. */
export class UnknownNumber extends Error {
  override readonly name = 'UnknownNumber';
}

/**
 * Writes the numbers of a document anew, each where the document names it.
 * @param mark of its places: the command whose numbers they are.
 * @throws {UnknownNumber}
 */
export function withNumbers(text: string, numbers: Numbers, mark: string): string {
  const written = new Set<string>();
  const result = text.replaceAll(placeOf(mark), (_, name: string, before: string) => {
    const make = numbers[name];
    if (make === undefined) throw new UnknownNumber(`there is no number "${name}"`);
    written.add(name);
    const value = make();
    const isTable = before.startsWith('\n') || value.includes('\n');
    return `<!-- ${mark}: ${name} -->${isTable ? `\n\n${value}\n\n` : value}<!-- /${mark} -->`;
  });
  const left = Object.keys(numbers).filter((name) => !written.has(name));
  if (left.length > 0) throw new UnknownNumber(`the document has no place for ${left.join(', ')}`);
  return result;
}
