import { once } from 'node:events';
import { connect } from 'node:net';
import { RequestAttack } from './request-attack.ts';

/** The statuses of all answers to some bytes, until the server closes the connection. */
async function statusesOf(url: string, bytes: string): Promise<string[]> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).setEncoding('latin1');
  let text = '';
  socket.on('data', (chunk: string) => (text += chunk));
  // The server may break off before it has read all; what it has said until then counts.
  socket.on('error', () => undefined);
  socket.write(bytes, 'latin1');
  await once(socket, 'close');
  return [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status!);
}

describe.each(['off', 'on'] as const)('with the edge %s', (edge) => {
  let attack: RequestAttack;
  beforeAll(async () => {
    attack = await RequestAttack.start(edge);
  });
  afterAll(() => attack.close());

  /** A request of mallory's that closes its connection, with more lines in its head, and a body. */
  const bytes = (head: readonly string[], body = '', line = 'GET /sse/stats HTTP/1.1'): string =>
    [line, 'host: localhost', 'connection: close', ...head, '', body].join('\r\n');
  const bearer = (name: 'mallory' | 'boss'): string => `authorization: Bearer ${attack.tokens[name]}`;
  const ask = (text: string): Promise<string[]> => statusesOf(attack.stack.local.url, text);

  it('what is sent this way is answered: mallory with 403, the admin with 200', async () => {
    expect(await ask(bytes([bearer('mallory')]))).toEqual(['403']);
    expect(await ask(bytes([bearer('boss')]))).toEqual(['200']);
  });

  describe('a request whose end can be read in two ways is refused', () => {
    it.each<[string, readonly string[], string]>([
      ['two lengths', ['content-length: 0', 'content-length: 5'], 'hello'],
      ['a length and chunks', ['content-length: 5', 'transfer-encoding: chunked'], '0\r\n\r\nX'],
      ['chunks and a length', ['transfer-encoding: chunked', 'content-length: 5'], '0\r\n\r\nX'],
      ['chunks that are not the last coding', ['transfer-encoding: chunked, identity'], '0\r\n\r\n'],
      ['an unknown coding', ['transfer-encoding: xchunked'], '0\r\n\r\n'],
      ['a length with a sign', ['content-length: +5'], 'hello'],
      ['a length that is negative', ['content-length: -1'], ''],
      ['a length in another base', ['content-length: 0x5'], 'hello'],
      ['a chunk of no number', ['transfer-encoding: chunked'], 'zz\r\nhello\r\n0\r\n\r\n'],
      ['a space before the colon', ['content-length : 5'], 'hello'],
    ])('%s', async (_, head, body) => {
      const post = 'POST /sse/disconnect HTTP/1.1';
      expect(await ask(bytes([bearer('mallory'), ...head], body, post))).toEqual(['400']);
    });
  });

  describe('a header that can be read in two ways makes nobody an admin', () => {
    it.each<[string, () => readonly string[], readonly string[]]>([
      ['a space before the colon', () => [bearer('boss').replace(':', ' :')], ['400']],
      ['a line that goes on', () => ['authorization:', ` Bearer ${attack.tokens.boss}`], ['400']],
      ['a bare line feed', () => [`x-pad: 1\n${bearer('boss')}`], ['400']],
      ['a bare carriage return', () => [`x-pad: 1\r${bearer('boss')}`], ['400']],
      ['NUL in its value', () => [`${bearer('boss')}\0`], ['400']],
      ['NUL in its name', () => [bearer('boss').replace('auth', 'auth\0')], ['400']],
      ['an encoded line break', () => [`x-pad: 1%0d%0a${bearer('boss')}`], ['403']],
      ['a byte beyond Latin letters', () => [bearer('boss').replace('Bearer', '\xa0Bearer')], ['401']],
    ])('%s', async (_, headOf, expected) => {
      const own = expected[0] === '403' ? [bearer('mallory')] : [];
      expect(await ask(bytes([...own, ...headOf()]))).toEqual(expected);
    });
  });

  it.each([
    'GET /sse/stats HTTP/1.1 HTTP/1.1',
    'GET /sse/stats HTTP/9.9',
    'GET\t/sse/stats HTTP/1.1',
    'get /sse/stats HTTP/1.1',
  ])('a crooked first line is refused: %j', async (line) => {
    expect(await ask(bytes([bearer('mallory')], '', line))).toEqual(['400']);
  });

  it('a request in the body of another is no request', async () => {
    const inner = `GET /sse/stats HTTP/1.1\r\nhost: localhost\r\n${bearer('boss')}\r\n\r\n`;
    const head = [bearer('mallory'), `content-length: ${inner.length}`];
    expect(await ask(bytes(head, inner))).toEqual(['403']);
  });

  it('a request in the query of another is no request, and its header none', async () => {
    const injected = `%20HTTP/1.1%0d%0a${encodeURIComponent(bearer('boss'))}%0d%0a%0d%0a`;
    const line = `GET /sse/stats?a=${injected} HTTP/1.1`;
    expect(await ask(bytes([bearer('mallory')], '', line))).toEqual(['403']);
    expect(await ask(bytes([], '', line))).toEqual(['401']);
  });

  describe('what is too large is refused, and others are answered still', () => {
    it.each<[string, () => string]>([
      ['a header', () => bytes([bearer('boss'), `x-pad: ${'x'.repeat(20_000)}`])],
      ['a name', () => bytes([bearer('boss'), `${'x'.repeat(20_000)}: 1`])],
      ['a cookie', () => bytes([bearer('boss'), `cookie: a=${'x'.repeat(20_000)}`])],
      [
        'many headers',
        () => bytes([bearer('boss'), ...Array.from({ length: 2000 }, (_, n) => `x-${n}: 1234`)]),
      ],
      ['a query', () => bytes([bearer('boss')], '', `GET /sse/stats?a=${'x'.repeat(20_000)} HTTP/1.1`)],
    ])('%s', async (_, make) => {
      expect(await ask(make())).toEqual(['431']);
      expect(await ask(bytes([bearer('boss')]))).toEqual(['200']);
    });
  });
});
