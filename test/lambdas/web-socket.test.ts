import type { Observer } from '../../core/observer.ts';
import fc from 'fast-check';
import { socketActions } from '../../protocol/web-socket.ts';
import { Refusal } from '../../core/refusal.ts';
import type { Drain } from '../../core/connections/drain.ts';
import { findToken, TokenRefused } from '../../core/identity/token.ts';
import type { OpenSocket } from '../../core/push/socket.ts';
import { SessionEnd } from '../../core/session/end-watch.ts';
import type { StreamLimit } from '../../lambdas/shared/admission/stream-limit.ts';
import type { Credentials } from '../../lambdas/shared/auth/credentials.ts';
import { IssuerUnavailable } from '../../lambdas/shared/auth/key-set.ts';
import { readConnectRequest } from '../../lambdas/websocket/connect.ts';
import { FrameNotSent } from '../../lambdas/websocket/conversation.ts';
import type { SocketEvent } from '../../lambdas/websocket/event.ts';
import { nameIn, readMessage } from '../../lambdas/websocket/message.ts';
import { silentObserver } from '../core/open-session.ts';
import { SocketServer } from '../../lambdas/websocket/server.ts';

const connectionId = 'L0SM9cOFvHcCIhw=';

function event(
  eventType: SocketEvent['requestContext']['eventType'],
  rest: Partial<SocketEvent> = {},
): SocketEvent {
  return { requestContext: { eventType, connectionId }, isBase64Encoded: false, ...rest } as SocketEvent;
}

const connect = (headers: Record<string, string[]>, query: Record<string, string[]> = {}): SocketEvent =>
  event('CONNECT', { multiValueHeaders: headers, multiValueQueryStringParameters: query });

/** The token of a request, or why there is none. */
function tokenOf(request: SocketEvent): unknown {
  const { authorization, token } = readConnectRequest(request, 'authorization').credentials;
  return findToken(authorization, token);
}

describe('the request that opens a WebSocket', () => {
  it.each([
    ['in the header', { Authorization: ['Bearer a'] }, {}, 'a'],
    ['in the header, whatever its case', { authorization: ['bearer a'] }, {}, 'a'],
    ['in the query', {}, { token: ['a'] }, 'a'],
    ['in the offer', { 'Sec-WebSocket-Protocol': ['taskwire, bearer.a'] }, {}, 'a'],
    [
      'in the offer, in more than one header',
      { 'Sec-WebSocket-Protocol': ['bearer.a', 'taskwire'] },
      {},
      'a',
    ],
    ['in the header before the query', { Authorization: ['Bearer a'] }, { token: ['b'] }, 'a'],
    [
      'in the query before the offer',
      { 'Sec-WebSocket-Protocol': ['taskwire,bearer.b'] },
      { token: ['a'] },
      'a',
    ],
    [
      'in the offer, not in an empty query',
      { 'Sec-WebSocket-Protocol': ['taskwire,bearer.a'] },
      { token: [''] },
      'a',
    ],
  ])('has its token %s', (_, headers, query, token) => {
    expect(tokenOf(connect(headers, query))).toEqual({ token });
  });

  it.each([
    ['nowhere', {}, {}, 'token_missing'],
    [
      'in another header than that of the stage',
      { 'X-Taskwire-Authorization': ['Bearer a'] },
      {},
      'token_missing',
    ],
    ['in two headers', { Authorization: ['Bearer a', 'Bearer b'] }, {}, 'token_malformed'],
    [
      'in headers that differ in case',
      { Authorization: ['Bearer a'], authorization: ['Bearer b'] },
      {},
      'token_malformed',
    ],
    ['in no bearer', { Authorization: ['Basic a'] }, { token: ['a'] }, 'token_malformed'],
    ['as an empty offer', { 'Sec-WebSocket-Protocol': ['taskwire,bearer.'] }, {}, 'token_missing'],
    ['too long', {}, { token: ['x'.repeat(8193)] }, 'token_malformed'],
  ])('is refused with its token %s', (_, headers, query, code) => {
    expect(tokenOf(connect(headers, query))).toBe(code);
  });

  it('joins parameters that came twice, so that no token in them is a good one', () => {
    const request = connect({}, { token: ['a', 'b'] });
    expect(tokenOf(request)).toEqual({ token: 'a,b' });
  });

  it('is refused when it offers only other subprotocols', () => {
    const request = connect({ 'Sec-WebSocket-Protocol': ['graphql-ws, bearer.a'] });
    expect(() => readConnectRequest(request, 'authorization')).toThrow(
      expect.objectContaining({ code: 'invalid_header' }),
    );
  });
});

describe('a message of a client', () => {
  it('may have lists as JSON arrays, and numbers and truths as they are', () => {
    const said = {
      action: 'subscribe',
      subscription: '1',
      cursor: 'c',
      since: 1000,
      events: ['task.created', 'task.deleted'],
      tasks: [7, 9],
      status: 'inbox,done',
      assigned_to_agent: true,
    };
    expect(readMessage(JSON.stringify(said), 'its-id')).toEqual({
      action: 'subscribe',
      subscription: '1',
      cursor: 'c',
      since: 1000,
      filter: {
        events: 'task.created,task.deleted',
        tasks: '7,9',
        status: 'inbox,done',
        assigned_to_agent: 'true',
      },
    });
    expect(readMessage('{"action":"ping"}', 'its-id')).toEqual({ action: 'ping', filter: {} });
  });

  it('that may be anything is read or refused', () => {
    const names = [
      'action',
      'subscription',
      'cursor',
      'since',
      'events',
      'tasks',
      'status',
      'assigned_to_agent',
      'x',
    ];
    const anyFields = fc.dictionary(fc.constantFrom(...names), fc.jsonValue({ maxDepth: 2 }));
    const anySaid = fc.record({ action: fc.constantFrom(...socketActions), more: anyFields });
    const anyText = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      anySaid.map(({ action, more }) => JSON.stringify({ action, ...more })),
      anySaid.map(({ action, more }) => JSON.stringify({ ...more, action })),
    );
    fc.assert(
      fc.property(anyText, (text) => {
        try {
          expect(socketActions).toContain(readMessage(text, 'its-id').action);
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
        }
        expect(['undefined', 'string']).toContain(typeof nameIn(text));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['', 'invalid_json'],
    ['ping', 'invalid_json'],
    [undefined, 'invalid_json'],
    ['null', 'invalid_field'],
    ['"ping"', 'invalid_field'],
    ['["ping"]', 'invalid_field'],
    ['{}', 'invalid_field'],
    ['{"action":["ping"]}', 'invalid_field'],
    ['{"action":"toString"}', 'invalid_field'],
    ['{"action":"ping","events":"task.created"}', 'unknown_field'],
    ['{"action":"subscribe","filter":{}}', 'unknown_field'],
    ['{"action":"subscribe","cursor":{}}', 'invalid_field'],
    ['{"action":"subscribe","subscription":"' + 'x'.repeat(65) + '"}', 'invalid_field'],
    ['{"action":"subscribe","events":["task.moved"]}', 'invalid_parameter'],
    ['{"action":"subscribe","events":[]}', 'invalid_parameter'],
    ['{"action":"subscribe","tasks":[[7]]}', 'invalid_field'],
    ['{"action":"subscribe","status":["done",null]}', 'invalid_parameter'],
    ['{"action":"subscribe","since":"yesterday"}', 'invalid_parameter'],
  ])('that is %j is refused: %s', (text, code) => {
    expect(() => readMessage(text, 'its-id')).toThrow(expect.objectContaining({ code }));
  });
});

describe('the function of the WebSocket', () => {
  const sent: string[][] = [];
  const troubles: string[] = [];
  const ended: string[] = [];
  const forgotten: string[] = [];
  const left: string[] = [];
  const opened: string[][] = [];
  const refused: string[] = [];
  let added: OpenSocket[] = [];
  let verify: () => Promise<unknown>;
  let limit: StreamLimit | undefined;
  let answer: () => Promise<boolean>;
  let drain: Drain | undefined;
  const clock = { now: () => 1000, sleep: () => Promise.resolve() };
  const observer: Observer = {
    ...silentObserver,
    opened: (id, transport) => opened.push([id, transport]),
    refusedToken: (code) => refused.push(code),
    trouble: (what) => troubles.push(what),
  };
  const ends = {
    end: async ({ socket }: OpenSocket, reason: string) => void ended.push(`${socket} ${reason}`),
    forget: async ({ socket }: OpenSocket) => void forgotten.push(socket),
    withdraw: async ({ socket }: OpenSocket) => void forgotten.push(socket),
  };
  const server = new SocketServer({
    connect: {
      tokenHeader: 'authorization',
      credentials: { verify: () => verify() as ReturnType<Credentials['verify']> },
      admissions: { admit: async () => limit },
      openSockets: { add: async (socket) => void added.push(socket) },
      ends,
      observer,
      now: clock.now,
      newConnectionId: () => 'its-id',
    },
    leave: async ({ id }) => void left.push(id),
    conversation: { answer: () => answer() },
    openSockets: { find: async (socket) => added.find((each) => each.socket === socket) },
    ends,
    send: async (id, text) => {
      sent.push([id, text]);
      return true;
    },
    readDrain: async () => drain,
    observer,
    clock,
  });
  const good = { principal: { workspace: 'w', user: 'u', admin: false }, expiresAt: 50_000 };
  beforeEach(() => {
    for (const list of [sent, troubles, ended, forgotten, left, opened, refused]) list.length = 0;
    added = [];
    limit = undefined;
    drain = undefined;
    verify = async () => good;
    answer = async () => true;
  });
  const message = (body: string): Promise<unknown> => server.serve(event('MESSAGE', { body }));
  const letIn = (): Promise<unknown> => server.serve(connect({}, { token: ['good'] }));

  it('lets a good token in, and selects the subprotocol where it is offered', async () => {
    expect(await letIn()).toEqual({ statusCode: 200, headers: {} });
    expect(await server.serve(connect({ 'Sec-WebSocket-Protocol': ['bearer.good,taskwire'] }))).toEqual({
      statusCode: 200,
      headers: { 'Sec-WebSocket-Protocol': 'taskwire' },
    });
    expect(added[0]).toMatchObject({
      socket: connectionId,
      id: 'its-id',
      connectedAt: 1000,
      expiresAt: 50_000,
    });
    expect(opened).toEqual([
      ['its-id', 'socket'],
      ['its-id', 'socket'],
    ]);
  });

  it.each([
    ['a bad token', () => Promise.reject(new TokenRefused('token_revoked')), 401, []],
    [
      'an issuer that gives no keys',
      () => Promise.reject(new IssuerUnavailable('no keys', 5, undefined)),
      503,
      ['the issuer gives no keys'],
    ],
    ['what nobody foresaw', () => Promise.reject(new Error('oh')), 500, ['request failed']],
  ])('refuses with the status that the API gives to %s', async (_, verifying, statusCode, told) => {
    verify = verifying;
    expect(await letIn()).toMatchObject({ statusCode });
    expect(troubles).toEqual(told);
    expect(refused).toEqual(statusCode === 401 ? ['token_revoked'] : []);
  });

  it('refuses whom there is no room for, and forgets the connection', async () => {
    limit = { reason: 'user_limit', retryAfterSeconds: 7 };
    expect(await letIn()).toMatchObject({ statusCode: 429, headers: { 'retry-after': '7' } });
    expect(forgotten).toEqual([connectionId]);
    expect(opened).toEqual([]);
  });

  it('sends nothing to a connection that is only coming', async () => {
    await letIn();
    expect(sent).toEqual([]);
  });

  it('forgets a connection that has gone, whether that is told or found', async () => {
    await letIn();
    answer = async () => false;
    await message('{"action":"ping"}');
    await server.serve(event('DISCONNECT'));
    expect(forgotten).toEqual([connectionId, connectionId]);
    expect(left).toEqual(['its-id']);
    expect(troubles).toEqual([]);
  });

  it('ends a connection that is not known, must end, has expired, is drained, or whose log cannot be read', async () => {
    await message('{"action":"ping"}');
    await letIn();
    drain = { before: 2000, spreadMs: 0 };
    await message('{"action":"ping"}');
    drain = undefined;
    added = [{ ...added[0]!, ended: 'revoked' }];
    await message('{"action":"ping"}');
    added = [{ ...added[0]!, ended: undefined }];
    answer = () => Promise.reject(new SessionEnd('trouble'));
    await message('{"action":"ping"}');
    added = [{ ...added[0]!, expiresAt: 1000 }];
    await message('{"action":"ping"}');
    const reasons = ['session_length', 'deploy', 'revoked', 'trouble', 'token_expired'];
    expect(ended).toEqual(reasons.map((reason) => `${connectionId} ${reason}`));
  });

  it('tells the client what is wrong with a message, in the name of its subscription', async () => {
    await letIn();
    await message('{"action":"resume","subscription":"7","more":1}');
    expect(sent.map(([, text]) => JSON.parse(text!) as unknown)).toEqual([
      { subscription: '7', event: 'error', data: { code: 'unknown_field', error: expect.any(String) } },
    ]);
  });

  it('sends no error after a frame that its client cannot be sent', async () => {
    await letIn();
    answer = () => Promise.reject(new FrameNotSent('not taken', { cause: new Error('slow') }));
    await message('{"action":"ping"}');
    expect([troubles, sent]).toEqual([['a frame cannot be sent'], []]);
  });

  it('tells the operator when an answer cannot be made, and the client no more than that', async () => {
    await letIn();
    answer = () => Promise.reject(new Error('oh'));
    await message('{"action":"ping"}');
    expect(troubles).toEqual(['request failed']);
    expect(JSON.parse(sent[0]![1]!)).toMatchObject({ event: 'error', data: { code: 'internal' } });
  });
});
