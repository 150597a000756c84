/** After so many things the reader is told how far a command is. */
const step = 10_000;

/**
 * Tells on standard error how much was done, where there is much to do.
 * @param what the things that are counted, such as `segments read`.
 * @returns call it with how many there are more.
 */
export function progress(name: string, what: string): (more: number) => void {
  let count = 0;
  return (more) => {
    const before = count;
    count += more;
    if (Math.floor(before / step) < Math.floor(count / step)) console.error(`${name}: ${count} ${what} ...`);
  };
}
