/**
 * Does some work for each of some items, in their order, for so many of them at a time.
 * @throws what the first work to fail throws; others may still be under way then.
 */
export async function forEachOf<Item>(
  items: Iterable<Item>,
  atATime: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = [...items].values();
  const worker = async (): Promise<void> => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: atATime }, worker));
}
