import { Random } from '../../faults/random.ts';

function draw(random: Random): number[] {
  return Array.from({ length: 100 }, () => random.integer(1, 6));
}

describe('choices of a seed', () => {
  it('are the same for the same seed, and others for another', () => {
    expect(draw(new Random(7))).toEqual(draw(new Random(7)));
    expect(draw(new Random(7))).not.toEqual(draw(new Random(8)));
  });

  it('do not depend on what another part has chosen', () => {
    const [one, other] = [new Random(7), new Random(7)];
    const part = one.fork('clients');
    expect(draw(part)).toEqual(draw(other.fork('clients')));
    expect(draw(other.fork('clients'))).not.toEqual(draw(other.fork('writer')));
  });

  it('keep to their bounds, and reach them', () => {
    const drawn = draw(new Random(3));
    expect([Math.min(...drawn), Math.max(...drawn)]).toEqual([1, 6]);
    const list = [1, 2, 3, 4, 5];
    expect(new Random(3).shuffle(list).toSorted((a, b) => a - b)).toEqual(list);
    expect(() => new Random(1).pick([])).toThrow(RangeError);
    expect([new Random(1).chance(0), new Random(1).chance(1)]).toEqual([false, true]);
  });
});
