import { forEachOf } from '../../core/for-each.ts';

it('works on so many items at a time, in their order, until none is left', async () => {
  const begun: number[] = [];
  const underWay: PromiseWithResolvers<void>[] = [];
  const done = forEachOf([1, 2, 3, 4], 2, (item) => {
    begun.push(item);
    const one = Promise.withResolvers<void>();
    underWay.push(one);
    return one.promise;
  });
  expect(begun).toEqual([1, 2]);
  for (let ended = 0; ended < 4; ended += 1) {
    underWay[ended]!.resolve();
    await new Promise(setImmediate);
    expect(begun).toHaveLength(Math.min(4, ended + 3));
  }
  await done;
  expect(begun).toEqual([1, 2, 3, 4]);
});

it('says so when one fails', async () => {
  const all = forEachOf([1, 2], 2, async (item) => {
    if (item === 1) throw new Error('the first');
  });

  await expect(all).rejects.toThrow('the first');
});
