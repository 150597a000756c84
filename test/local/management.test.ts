import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { startAwsEndpoint } from '../../local/data/aws-endpoint.ts';
import type { AwsEndpoint } from '../../local/data/aws-endpoint.ts';
import type { DatabaseClient } from '../../local/data/database-client.ts';
import { AccessControl } from '../../local/iam/access-control.ts';
import { managementPermission } from '../../local/iam/management-permission.ts';
import { UnknownRequest } from '../../local/iam/request-actions.ts';
import { ManagementEndpoint } from '../../local/websocket/management.ts';
import type { SocketCall, SocketFault } from '../../local/websocket/management.ts';
import { createManagementClient, isGone, Sockets } from '../../lambdas/shared/web-socket/client.ts';
import { isThrottle } from '../../lambdas/shared/dynamodb/client.ts';
import { SocketClient } from '../socket-client.ts';
import { address, startSocketGateway } from './socket-gateway.ts';

const stageArn = 'arn:aws:execute-api:us-east-1:000000000000:api/ws';
const keys = { full: 'LOCALFULL', push: 'LOCALPUSH' } as const;

let gateway: Awaited<ReturnType<typeof startSocketGateway>>;
let endpoint: AwsEndpoint;
let access: AccessControl;
const calls: SocketCall[] = [];
let faults: (SocketFault | undefined)[] = [];
const clients: ApiGatewayManagementApiClient[] = [];

beforeAll(async () => {
  gateway = await startSocketGateway();
  access = new AccessControl();
  const role = { roleName: 'Role', accountId: '000000000000' };
  const allow = (...methods: string[]): object => ({
    Effect: 'Allow',
    Action: 'execute-api:ManageConnections',
    Resource: methods.map((method) => `${stageArn}/${method}/@connections/*`),
  });
  access.register(keys.full, {
    ...role,
    functionName: 'full',
    statements: [allow('POST', 'GET', 'DELETE'), allow('POST')],
  });
  access.register(keys.push, { ...role, functionName: 'push', statements: [allow('POST')] });
  endpoint = await startAwsEndpoint({
    // No table is asked for.
    database: {} as DatabaseClient,
    access,
    onWrite: () => {},
    management: new ManagementEndpoint({
      address,
      registry: gateway.registry,
      access,
      onCall: (call) => {
        calls.push(call);
        return faults.shift();
      },
    }),
  });
});

afterEach(() => {
  calls.length = 0;
  faults = [];
});

afterAll(async () => {
  for (const client of clients) client.destroy();
  await endpoint.close();
  await gateway.close();
});

function clientOf(
  accessKeyId: string,
  { host = address.domain, stage = address.stage }: { host?: string; stage?: string } = {},
): ApiGatewayManagementApiClient {
  const client = new ApiGatewayManagementApiClient({
    endpoint: `${endpoint.url}/${host}/${stage}`,
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey: 'local' },
    maxAttempts: 1,
    requestHandler: { requestTimeout: 60_000 },
  });
  clients.push(client);
  return client;
}

async function connected(): Promise<{ client: SocketClient; ConnectionId: string }> {
  const before = new Set(gateway.registry.ids());
  const client = await SocketClient.open(gateway.url, { headers: { 'User-Agent': 'tests' } });
  const ConnectionId = gateway.registry.ids().find((id) => !before.has(id)) ?? '';
  return { client, ConnectionId };
}

const push = (ConnectionId: string, text: string): PostToConnectionCommand =>
  new PostToConnectionCommand({ ConnectionId, Data: Buffer.from(text) });

describe('the endpoint that manages connections', () => {
  it('sends what a function pushes, also what is outside ASCII', async () => {
    const { client, ConnectionId } = await connected();
    await clientOf(keys.full).send(push(ConnectionId, '{"ü":"€"}'));

    expect(await client.next()).toBe('{"ü":"€"}');
    expect(calls).toEqual([
      { functionName: 'full', method: 'POST', connectionId: ConnectionId, text: '{"ü":"€"}' },
    ]);
  });

  it('tells of a connection', async () => {
    const { ConnectionId } = await connected();
    gateway.timers.advance(1000);
    await clientOf(keys.full).send(push(ConnectionId, 'x'));
    const answer = await clientOf(keys.full).send(new GetConnectionCommand({ ConnectionId }));

    expect(answer.Identity).toEqual({ SourceIp: '127.0.0.1', UserAgent: 'tests' });
    expect(answer.ConnectedAt?.getTime()).toBe(gateway.timers.now() - 1000);
    expect(answer.LastActiveAt?.getTime()).toBe(gateway.timers.now());
  });

  it('ends a connection, which is gone then', async () => {
    const { client, ConnectionId } = await connected();
    await clientOf(keys.full).send(new DeleteConnectionCommand({ ConnectionId }));

    expect(await client.closed).toMatchObject({ code: 1000 });
    await expect(clientOf(keys.full).send(push(ConnectionId, 'late'))).rejects.toMatchObject({
      name: 'GoneException',
      $metadata: { httpStatusCode: 410 },
    });
  });

  it.each([
    ['a connection that its client has closed', true],
    ['one that never was', false],
  ])('says of %s that it is gone', async (_, was) => {
    const { client, ConnectionId } = await connected();
    await client.close();
    const command = push(was ? ConnectionId : 'AAAAAAAAAAAAAAA=', 'x');

    await expect(clientOf(keys.full).send(command)).rejects.toMatchObject({ name: 'GoneException' });
  });

  it('takes 128 KB and no more', async () => {
    const { client, ConnectionId } = await connected();
    await clientOf(keys.full).send(push(ConnectionId, 'x'.repeat(128 * 1024)));

    expect(await client.next()).toHaveLength(128 * 1024);
    await expect(
      clientOf(keys.full).send(push(ConnectionId, 'x'.repeat(128 * 1024 + 1))),
    ).rejects.toMatchObject({ name: 'PayloadTooLargeException', $metadata: { httpStatusCode: 413 } });
  });

  it('takes no more for a client that does not read, until it does', async () => {
    const { client, ConnectionId } = await connected();
    const full = clientOf(keys.full);
    client.webSocket.pause();
    let taken = 0;
    const send = (): Promise<unknown> => full.send(push(ConnectionId, 'x'.repeat(128 * 1024)));
    // What the two ends of the connection buffer is the machine's affair.
    const refused: unknown = await (async () => {
      for (;;) {
        await send();
        taken += 1;
      }
    })().catch((error: unknown) => error);
    expect(refused).toMatchObject({ name: 'LimitExceededException', $metadata: { httpStatusCode: 429 } });
    client.webSocket.resume();
    for (let read = 0; read < taken; read++) await client.next();

    await send();
    expect(await client.next()).toHaveLength(128 * 1024);
  });

  it('refuses what the policy does not allow, and counts it', async () => {
    const { client, ConnectionId } = await connected();
    const refused = clientOf(keys.push).send(new DeleteConnectionCommand({ ConnectionId }));

    await expect(refused).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(`${stageArn}/DELETE/@connections/${ConnectionId}`),
      $metadata: { httpStatusCode: 403 },
    });
    expect(client.webSocket.readyState).toBe(client.webSocket.OPEN);
    expect(access.decisions()).toContainEqual(
      expect.objectContaining({ functionName: 'push', allowed: false, count: 1 }),
    );
  });

  it.each([
    ['another stage', { stage: 'prod' }],
    ['another API', { host: 'other.execute-api.us-east-1.amazonaws.com' }],
  ])('refuses, for the policy names this one, %s', async (_, where) => {
    const { ConnectionId } = await connected();
    await expect(clientOf(keys.full, where).send(push(ConnectionId, 'x'))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });

  it.each([
    ['another method', 'PUT', 'AAAA', 403],
    ['an id that is not encoded as one', 'POST', '%zz', 400],
  ])('refuses %s', async (_, method, id, status) => {
    const answer = await fetch(`${endpoint.url}/${address.domain}/ws/@connections/${id}`, {
      method,
      headers: { authorization: `AWS4-HMAC-SHA256 Credential=${keys.full}/20270115/x` },
    });
    expect(answer.status).toBe(status);
  });

  it('refuses who has no key', async () => {
    const { ConnectionId } = await connected();
    await expect(clientOf('OTHER').send(push(ConnectionId, 'x'))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('security token'),
    });
  });
});

describe('faults at the endpoint that manages connections', () => {
  it.each([
    ['gone', 'GoneException', 410],
    ['limit', 'LimitExceededException', 429],
  ] as const)('answer %s', async (kind, name, httpStatusCode) => {
    const { client, ConnectionId } = await connected();
    faults = [{ kind }];
    await expect(clientOf(keys.full).send(push(ConnectionId, 'first'))).rejects.toMatchObject({
      name,
      $metadata: { httpStatusCode },
    });
    await clientOf(keys.full).send(push(ConnectionId, 'second'));

    expect(await client.next()).toBe('second');
  });

  it('lose a push that was taken', async () => {
    const { client, ConnectionId } = await connected();
    faults = [{ kind: 'lose' }];
    await clientOf(keys.full).send(push(ConnectionId, 'lost'));
    await clientOf(keys.full).send(push(ConnectionId, 'next'));

    expect(await client.next()).toBe('next');
  });

  it('delay a push behind a later one', async () => {
    const { client, ConnectionId } = await connected();
    faults = [{ kind: 'delay', milliseconds: 50 }];
    const order: string[] = [];
    const late = clientOf(keys.full).send(push(ConnectionId, 'late'));
    late.then(
      () => order.push('late answered'),
      () => {},
    );
    order.push(await client.next());
    await late;

    expect(order).toEqual(['late', 'late answered']);
  });

  it.each([
    ['before', 'next'],
    ['after', 'dropped'],
  ] as const)('break the connection %s it happens', async (when, first) => {
    const { client, ConnectionId } = await connected();
    faults = [{ kind: 'drop', when }];
    await expect(clientOf(keys.full).send(push(ConnectionId, 'dropped'))).rejects.toThrow('socket hang up');
    await clientOf(keys.full).send(push(ConnectionId, 'next'));

    expect(await client.next()).toBe(first);
  });
});

describe('what functions do with connections', () => {
  let sockets: Sockets;
  beforeAll(() => {
    process.env['AWS_REGION'] = 'us-east-1';
    process.env['AWS_ACCESS_KEY_ID'] = keys.full;
    process.env['AWS_SECRET_ACCESS_KEY'] = 'local';
    const client = createManagementClient(`${endpoint.url}/${address.domain}/${address.stage}`);
    clients.push(client);
    sockets = new Sockets(client);
  });

  it('tells whether it was there', async () => {
    const { client, ConnectionId } = await connected();
    expect(await sockets.send(ConnectionId, 'hello')).toBe(true);
    expect(await client.next()).toBe('hello');
    expect(await sockets.end(ConnectionId)).toBe(true);
    await client.closed;
    expect(await sockets.send(ConnectionId, 'late')).toBe(false);
    expect(await sockets.end(ConnectionId)).toBe(false);
  });

  it('is tried twice, and then fails as what it is', async () => {
    const { ConnectionId } = await connected();
    faults = [{ kind: 'limit' }, { kind: 'limit' }];
    const limited: unknown = await sockets.send(ConnectionId, 'x').catch((error: unknown) => error);
    faults = [
      { kind: 'drop', when: 'before' },
      { kind: 'drop', when: 'before' },
    ];
    await expect(sockets.send(ConnectionId, 'x')).rejects.toThrow('socket hang up');

    expect([isThrottle(limited), isGone(limited)]).toEqual([true, false]);
    expect(calls).toHaveLength(4);
  });
});

describe('the permission to manage connections', () => {
  const call = { apiId: 'api', stage: 'ws', connectionId: 'abc=' };

  it.each(['POST', 'GET', 'DELETE'])('is one for %s on this connection of this stage', (method) => {
    expect(managementPermission({ ...call, method })).toEqual({
      action: 'execute-api:ManageConnections',
      resource: `${stageArn}/${method}/@connections/abc=`,
    });
  });

  it('is none for another method', () => {
    expect(() => managementPermission({ ...call, method: 'PUT' })).toThrow(UnknownRequest);
  });
});
