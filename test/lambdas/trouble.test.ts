import { AppendContention } from '../../core/log/append.ts';
import { UnknownFormat } from '../../core/log/read-store.ts';
import { IssuerUnavailable } from '../../lambdas/shared/auth/key-set.ts';
import { troubleKind } from '../../lambdas/shared/signals/trouble.ts';
import { Refusal } from '../../core/refusal.ts';

/** An error as the SDK throws it. */
function ofAws(name: string, httpStatusCode: number): Error {
  return Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });
}

describe('trouble', () => {
  it.each([
    ['a throttle', ofAws('ProvisionedThroughputExceededException', 400)],
    ['a server error', ofAws('InternalServerError', 500)],
    ['a time-out', Object.assign(new Error('slow'), { name: 'TimeoutError' })],
    ['a lost connection', Object.assign(new Error('reset'), { code: 'ECONNRESET' })],
    ['an issuer without keys', new IssuerUnavailable('no keys', 5)],
    ['a segment of a newer version', new UnknownFormat('format 99')],
    ['a log that many write', new AppendContention('contended')],
    ['an opening that takes too long', new Refusal('unavailable', 'too long')],
  ])('of %s passes', (_, error) => {
    expect(troubleKind(error)).toBe('passing');
  });

  it.each([
    ['a missing right', ofAws('AccessDeniedException', 400)],
    ['a missing table', ofAws('ResourceNotFoundException', 400)],
    ['a request that is not valid', ofAws('ValidationException', 400)],
    ['credentials that are not', ofAws('UnrecognizedClientException', 400)],
    ['a mistake in the code', new TypeError('undefined is not a function')],
    ['what is no error', 'text'],
  ])('of %s lasts', (_, error) => {
    expect(troubleKind(error)).toBe('lasting');
  });
});
