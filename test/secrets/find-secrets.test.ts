import { SignJWT } from 'jose';
import { findSecret } from '../../tools/secrets/find-secrets.ts';
import { inspectLog, rememberTicket, rememberToken, takeLeaks } from './log-watch.ts';

/** As `POST /sse/ticket` gives them. */
const sampleTicket = '0123456789-0123456789_0123456789ABCdefGHIjk.tp5wt0';

let token: string;
beforeAll(async () => {
  token = await new SignJWT({ sub: 'alice' })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode('no secret'));
});

describe('a log line', () => {
  it.each<[string, (jwt: string) => string]>([
    ['a token', (jwt) => `verifying ${jwt}`],
    ['the header of a token', (jwt) => `header ${jwt.split('.')[0]}`],
    ['the payload of a token', (jwt) => `payload ${jwt.split('.')[1]}`],
    ['a token cut short', (jwt) => jwt.slice(0, 30)],
    ['the event of a request', (jwt) => JSON.stringify({ headers: { authorization: `Bearer ${jwt}` } })],
    ['an event within JSON', (jwt) => JSON.stringify({ event: JSON.stringify({ authorization: jwt }) })],
    ['a header of a token that is none', () => 'headers: { authorization: "Bearer 0123456789abcdef" }'],
    ['a header without its scheme', () => '{"Authorization":"0123456789abcdef"}'],
    ['the query of a stream', () => 'GET /sse/connect?token=anything HTTP/1.1'],
    ['an encoded query', () => 'path: /sse/connect?a=b&token%3Danything'],
    ['the body of a beacon', () => '{"connectionId":"1","token":"anything"}'],
    ['a ticket', () => `opened by ${sampleTicket}`],
    ['a ticket in JSON', () => JSON.stringify({ found: sampleTicket })],
    ['the query of a stream that a ticket opens', () => 'GET /sse/connect?ticket=anything HTTP/1.1'],
    ['an encoded query with a ticket', () => 'path: /sse/connect?a=b&ticket%3Danything'],
    ['the answer that gives a ticket', () => '{"ticket":"anything","expiresAt":"2026-11-27T13:15:00.000Z"}'],
    ['such an answer within JSON', () => JSON.stringify({ body: '{"ticket":"anything"}' })],
    ['a private key', () => '-----BEGIN PRIVATE KEY-----'],
    ['a private key as JWK', () => '{"kty":"EC","d":"0123456789012345678901234567890123456789012"}'],
    ['the signature of the edge', () => `AWS4-HMAC-SHA256 Signature=${'0'.repeat(64)}`],
  ])('with %s is found, and its report does not repeat it', (_, write) => {
    const found = findSecret(write(token));
    expect(found).toBeDefined();
    expect(found!.redacted).not.toMatch(/eyJ|0123456789|anything|BEGIN|tp5wt0/);
  });

  it.each([
    '{"level":"INFO","message":{"message":"session ended","reason":"token_expired","connection":"b8b7"}}',
    '{"message":"the token issuer cannot be reached","cause":"FetchError: http://127.0.0.1/keys"}',
    'UnauthorizedException: token_malformed',
    '{"cursor":"0123456789abcdef.1.0.0.0123456789ab"}',
    'authorization was missing',
    'GET /sse/connect?token=(token) answered 400',
    'GET /sse/connect?ticket=(ticket) answered 401',
    'a ticket of 0123456789012345678901234567890123456789012 bytes.',
    `{"workspace":"#ticket#${'a'.repeat(43)}","connection":"#"}`,
  ])('without a secret is not: %s', (line) => {
    expect(findSecret(line)).toBeUndefined();
  });

  it('fails the test even if it holds only the secret of a ticket that was sent', () => {
    rememberTicket(sampleTicket);
    inspectLog('a function', `looking for ${sampleTicket.split('.')[0]}`);
    expect(takeLeaks()).toEqual([expect.stringContaining('a function logged a secret of the test')]);
  });

  it('fails the test even if it holds only the signature of a token that was sent', () => {
    rememberToken(token);
    inspectLog('a function', `bad signature ${token.split('.')[2]}`);
    expect(takeLeaks()).toEqual([expect.stringContaining('a function logged a secret of the test')]);
  });

  it('of the process of the test is looked at as well', () => {
    const silent = console.info;
    console.info(`signed ${token}`);
    expect(console.info).toBe(silent);
    expect(takeLeaks()).toEqual([expect.stringContaining('the process of the test logged')]);
  });
});
