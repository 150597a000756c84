import { isStream } from '../../tools/fuzz/is-stream.ts';
import { faultOf } from '../../tools/fuzz/verdict.ts';

describe('what is wrong with an answer', () => {
  const unavailable = '{"error":"the issuer cannot be asked","code":"unavailable"}';
  const end = 'event: end\ndata: {"reason":"trouble","reconnect":true}\n\n';

  it.each([
    ['a good answer', 'good', 'GET', 200, '{}', undefined],
    ['a refusal', 'good', 'GET', 404, '{}', undefined],
    ['an error of the server', 'good', 'GET', 500, '{}', 'status 500'],
    ['a good token that cannot be judged', 'good', 'GET', 503, unavailable, 'status 503'],
    ['a good token that cannot be judged, without a body', 'good', 'HEAD', 503, '', 'status 503'],
    ['a token of a key that nobody knows', 'header', 'GET', 503, unavailable, undefined],
    ['a token of a key that nobody knows, without a body', 'header', 'HEAD', 503, '', undefined],
    ['a token of a key that nobody knows, any other 503', 'header', 'GET', 503, '{}', 'status 503'],
    ['a token of a key that nobody knows, a crash', 'header', 'HEAD', 500, '', 'status 500'],
    ['a token of a key that nobody knows, on a stream', 'header', 'GET', 200, end, undefined],
    ['trouble on a stream', 'good', 'GET', 200, end, 'trouble on the stream'],
  ] as const)('%s', (_, kind, method, status, text, fault) => {
    expect(
      faultOf({ token: { kind }, method, tokenIn: 'header' }, { status, text, failure: undefined }),
    ).toBe(fault);
  });

  it('is trouble for any ticket: no issuer has to be asked for it', () => {
    const request = { token: { kind: 'changed' }, method: 'GET', tokenIn: 'ticket' } as const;
    const answer = { status: 200, text: end, failure: undefined };
    expect(faultOf(request, answer)).toBe('trouble on the stream');
  });

  it('is that it never came, where it did not', () => {
    const answer = { status: 0, text: '', failure: 'ECONNRESET' };
    expect(faultOf({ token: { kind: 'good' }, method: 'GET', tokenIn: 'header' }, answer)).toBe('ECONNRESET');
  });
});

describe('whether an answer is a stream', () => {
  it.each([
    ['a comment and the first frame', ':\nretry: 1000\ndata: {', true],
    ['the comment alone', ':\n', false],
    ['an error', '{"error":"retry: 1000"}', false],
  ])('with %s', (_, text, expected) => {
    expect(isStream(text)).toBe(expected);
  });
});
