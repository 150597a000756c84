import type { KeyServer } from './key-server.ts';
import { refusal, TokenAttack } from './token-attack.ts';

let attack: TokenAttack;
let issuer: KeyServer;
beforeAll(async () => {
  attack = await TokenAttack.start();
  ({ issuer } = attack);
});
afterAll(() => attack.close());

const now = Math.floor(Date.now() / 1000);

it('a token that is good in every way is let in, by either kind of key', async () => {
  for (const key of Object.values(issuer.keys)) {
    const token = await issuer.sign(issuer.claims(), {}, key);
    const { tasks, stream, stats } = await attack.answers(token);
    expect([tasks!.slice(0, 3), stream!.slice(0, 3), stats]).toEqual(['200', '200', '403 forbidden']);
  }
});

describe('a token that is signed well is refused for its claims', () => {
  it.each<[string, string, () => string | Promise<string>]>([
    ['of another issuer', 'token_invalid', () => issuer.sign(issuer.claims({ iss: 'https://evil.example' }))],
    [
      'of an issuer that only begins alike',
      'token_invalid',
      () => issuer.sign(issuer.claims({ iss: `${String(issuer.claims()['iss'])}.evil.example` })),
    ],
    [
      'of a list of issuers',
      'token_malformed',
      () => issuer.sign(issuer.claims({ iss: [issuer.claims()['iss']] })),
    ],
    ['of no issuer', 'token_invalid', () => issuer.sign(issuer.claims({ iss: undefined }))],
    ['for another audience', 'token_invalid', () => issuer.sign(issuer.claims({ aud: 'taskwire-local-2' }))],
    ['for no audience', 'token_invalid', () => issuer.sign(issuer.claims({ aud: undefined }))],
    ['for an empty list of audiences', 'token_invalid', () => issuer.sign(issuer.claims({ aud: [] }))],
    [
      'for an object as audience',
      'token_malformed',
      () => issuer.sign(issuer.claims({ aud: { 0: 'taskwire-local' } })),
    ],
    ['that has expired', 'token_expired', () => issuer.sign(issuer.claims({ exp: now - 6 }))],
    ['that expired at the beginning of time', 'token_expired', () => issuer.sign(issuer.claims({ exp: 0 }))],
    ['that expired before any date', 'token_invalid', () => issuer.sign(issuer.claims({ exp: -1e300 }))],
    [
      'that expires in the year 290,000',
      'token_too_long_lived',
      () => issuer.sign(issuer.claims({ exp: 9.1e12 })),
    ],
    ['issued in the future', 'token_invalid', () => issuer.sign(issuer.claims({ iat: now + 600 }))],
    ['of no time of issue', 'token_unusable', () => issuer.sign(issuer.claims({ iat: undefined }))],
    [
      'with an extension that must be understood',
      'token_invalid',
      () => issuer.sign(issuer.claims(), { crit: ['b64'], b64: true }),
    ],
    ['without expiry', 'token_unusable', () => issuer.sign(issuer.claims({ exp: undefined }))],
    ['with a text as expiry', 'token_malformed', () => issuer.sign(issuer.claims({ exp: String(now + 60) }))],
    ['with null as expiry', 'token_malformed', () => issuer.sign(issuer.claims({ exp: null }))],
    [
      'with an expiry beyond all numbers',
      'token_malformed',
      () => issuer.sign(JSON.stringify(issuer.claims({ exp: 7 })).replace('"exp":7', '"exp":1e999')),
    ],
    ['not valid yet', 'token_invalid', () => issuer.sign(issuer.claims({ nbf: now + 600 }))],
    ['not valid before any date', 'token_invalid', () => issuer.sign(issuer.claims({ nbf: 1e300 }))],
    ['with a text as nbf', 'token_malformed', () => issuer.sign(issuer.claims({ nbf: '0' }))],
    ['with a payload that is a list', 'token_malformed', () => issuer.sign('[]')],
    ['with a payload that is null', 'token_malformed', () => issuer.sign('null')],
    ['with a payload that is no JSON', 'token_malformed', () => issuer.sign('{')],
    ['with a user that is a number', 'token_malformed', () => issuer.sign(issuer.claims({ sub: 7 }))],
    ['with a user that is a list', 'token_malformed', () => issuer.sign(issuer.claims({ sub: ['alice'] }))],
    ...['', ' ', 'a b', 'a\nb', 'a\u0000', 'ä', '😀', 'x'.repeat(129), undefined].map(
      (sub) =>
        [
          `with the user ${JSON.stringify(sub)?.slice(0, 20)}`,
          'token_unusable',
          () => issuer.sign(issuer.claims({ sub })),
        ] as [string, string, () => Promise<string>],
    ),
    ...[
      '',
      'a#b',
      'a/b',
      'a b',
      '../a',
      'ä',
      '😀',
      'attack#counter',
      'attack\n',
      'x'.repeat(65),
      7,
      true,
      null,
      ['attack'],
      { S: 'attack' },
    ].map(
      (workspace) =>
        [
          `with the workspace ${JSON.stringify(workspace).slice(0, 20)}`,
          'token_unusable',
          () => issuer.sign(issuer.claims({ workspace })),
        ] as [string, string, () => Promise<string>],
    ),
  ])('%s: %s', async (_, fault, make) => {
    expect(await attack.answers(await make())).toEqual(refusal(fault));
  });

  it('with a payload of 2,500 levels: as malformed or unusable, by how deep the parser goes', async () => {
    const [begin, end] = JSON.stringify(issuer.claims({ workspace: 'deep' })).split('"deep"');
    const token = await issuer.sign(`${begin}${'['.repeat(2500)}${']'.repeat(2500)}${end}`);
    for (const answer of Object.values(await attack.answers(token))) {
      expect(answer).toMatch(/^401 token_(malformed|unusable)$/);
    }
  });
});
