/**
 * Finds an element of the page by its id.
 * @throws {TypeError} when there is none: index.html and the code do not fit.
 */
export function partOfPage(id: string): HTMLElement {
  const element = document.querySelector<HTMLElement>(`#${id}`);
  if (element === null) throw new TypeError(`index.html has nothing with the id ${id}`);
  return element;
}

const timeFormat = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});

/** Such as 14:03:22, where the reader is. */
export function timeOf(epochMs: number): string {
  return timeFormat.format(epochMs);
}
