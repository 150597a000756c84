import { isThrottle, isUnreachable, readNumber } from '../../lambdas/shared/dynamodb/client.ts';

/** An error as the SDK throws it. */
function failure(facts: object): Error {
  return Object.assign(new Error('it failed'), facts);
}

describe('errors of the tables', () => {
  it.each([
    ['a throttle', { name: 'ThrottlingException' }, true, false],
    ['a transaction that is still under way', { name: 'TransactionInProgressException' }, true, false],
    [
      'a transaction cancelled for load',
      {
        name: 'TransactionCanceledException',
        CancellationReasons: [{ Code: 'None' }, { Code: 'ThrottlingError' }],
      },
      true,
      false,
    ],
    ['a time-out', { name: 'TimeoutError' }, false, true],
    ['a refused connection', { code: 'ECONNREFUSED' }, false, true],
    ['a name that cannot be looked up', { code: 'EAI_AGAIN' }, false, true],
    [
      'an error of the service itself',
      { name: 'InternalServerError', $metadata: { httpStatusCode: 500 } },
      false,
      true,
    ],
    [
      'a request that is wrong',
      { name: 'ValidationException', $metadata: { httpStatusCode: 400 } },
      false,
      false,
    ],
  ])('are told apart: %s', (_, facts, throttle, unreachable) => {
    expect([isThrottle(failure(facts)), isUnreachable(failure(facts))]).toEqual([throttle, unreachable]);
  });

  it('are no throttles when they are no errors', () => {
    expect([isThrottle('ThrottlingException'), isUnreachable(undefined)]).toEqual([false, false]);
  });
});

describe('numbers of items', () => {
  it.each([
    ['1', 1],
    ['-0.5', -0.5],
    ['9007199254740991', 9_007_199_254_740_991],
    ['9007199254740993', '9007199254740993'],
    ['12345678901234567890.5', '12345678901234567890.5'],
    ['1E125', '1E125'],
  ])('%s is never taken for another one', (text, value) => {
    expect(readNumber(text)).toBe(value);
  });
});
