import { DeliveryCheck } from '../../bench/delivery-check.ts';

const faultless = { lost: 0, doubled: 0, outOfOrder: 0 };

/** A check of two streams and three changes, all accepted by the API. */
function checkOf(first: readonly number[], second: readonly number[]): DeliveryCheck {
  const check = new DeliveryCheck(2, 3);
  for (const change of [0, 1, 2]) check.expect(change);
  for (const change of first) check.receive(0, change);
  for (const change of second) check.receive(1, change);
  return check;
}

describe('DeliveryCheck', () => {
  it('finds nothing when all streams get all changes in one order, whatever order that is', async () => {
    const check = checkOf([1, 0, 2], [1, 0, 2]);

    await check.complete();

    expect(check.faults()).toEqual(faultless);
  });

  it('counts what did not come, at any place', () => {
    expect(checkOf([0, 1, 2], [0, 1]).faults()).toEqual({ ...faultless, lost: 1 });
    expect(checkOf([], []).faults()).toEqual({ ...faultless, lost: 6 });
  });

  it('counts what came again', () => {
    expect(checkOf([0, 1, 2], [0, 1, 1, 2, 0]).faults()).toEqual({ ...faultless, doubled: 2 });
  });

  it('notices an order of its own, and a gap', () => {
    expect(checkOf([0, 1, 2], [0, 2, 1]).faults().outOfOrder).toBeGreaterThan(0);
    expect(checkOf([0, 1, 2], [0, 2]).faults()).toEqual({ lost: 1, doubled: 0, outOfOrder: 1 });
  });

  it('does not ask for a change that the API refused, and takes one that comes before its answer', async () => {
    const check = new DeliveryCheck(1, 2);
    check.receive(0, 0);
    check.expect(0);

    await check.complete();

    expect(check.faults()).toEqual(faultless);
  });
});
