import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { startAwsEndpoint } from '../../local/data/aws-endpoint.ts';
import type { AwsEndpoint } from '../../local/data/aws-endpoint.ts';
import type { DatabaseClient } from '../../local/data/database-client.ts';
import { AsyncInvocations } from '../../local/functions/async-invocations.ts';
import type { AsyncFault, AsyncInvocation } from '../../local/functions/async-invocations.ts';
import type { InvokeConfig } from '../../local/functions/invoke-config.ts';
import { defaultInvokeConfig } from '../../local/functions/invoke-config.ts';
import { InvocationFailure, throttle } from '../../local/functions/invocation.ts';
import { InvokeEndpoint } from '../../local/functions/invoke-endpoint.ts';
import { AccessControl } from '../../local/iam/access-control.ts';
import { invokedFunction } from '../../local/iam/invoke-permission.ts';
import { UnknownRequest } from '../../local/iam/request-actions.ts';
import { createLambdaClient, PushFunction } from '../../lambdas/shared/push/push-function.ts';
import type { VirtualClock as Clock } from '../core/virtual-clock.ts';
import { VirtualClock } from '../core/virtual-clock.ts';

const arnOf = (name: string): string => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;

/** Events that were accepted, and how the function `push` takes them. */
class World {
  readonly clock: Clock = new VirtualClock();
  readonly accepted: AsyncInvocation[] = [];
  readonly events: unknown[] = [];
  readonly lines: string[] = [];
  /** ARNs of the functions whose events were given up. */
  readonly dropped: string[] = [];
  /** How many invocations of the function may run at a time. */
  reserved: number | undefined;
  faults: (AsyncFault | undefined)[] = [];
  invoke: () => Promise<unknown> = () => Promise.resolve();
  readonly invocations = new AsyncInvocations({
    onError: ({ text }) => this.lines.push(text),
    onInvocation: (invocation) => {
      this.accepted.push(invocation);
      return this.faults.shift();
    },
    onDropped: (arn) => this.dropped.push(arn),
    now: () => this.clock.now(),
    wait: (milliseconds, signal) => this.clock.sleep(milliseconds, signal),
  });

  constructor(config: InvokeConfig = defaultInvokeConfig) {
    const process = {
      invokeBuffered: (event: unknown): Promise<unknown> => {
        this.events.push(event);
        return this.invoke();
      },
      settings: { reservedConcurrency: () => this.reserved },
    };
    this.invocations.add({ name: 'push', arn: arnOf('push'), process }, config);
  }
}

describe('the endpoint that invokes functions', () => {
  let world: World;
  let endpoint: AwsEndpoint;
  const access = new AccessControl();
  const clients: LambdaClient[] = [];
  beforeAll(async () => {
    const role = { roleName: 'Role', accountId: '000000000000' };
    const allow = (...names: string[]): object => ({
      Effect: 'Allow',
      Action: 'lambda:InvokeFunction',
      Resource: names.map(arnOf),
    });
    access.register('LOCALBY', { ...role, functionName: 'by', statements: [allow('push', 'absent')] });
    access.register('LOCALOTHER', { ...role, functionName: 'other', statements: [allow('else')] });
    endpoint = await startAwsEndpoint({
      // No table is asked for.
      database: {} as DatabaseClient,
      access,
      onWrite: () => {},
      invoke: new InvokeEndpoint(access, {
        accept: (arn, by, event) => world.invocations.accept(arn, by, event),
      }),
    });
  });
  beforeEach(() => {
    world = new World();
  });
  afterAll(async () => {
    for (const client of clients) client.destroy();
    await endpoint.close();
  });

  function clientOf(accessKeyId: string): LambdaClient {
    const client = new LambdaClient({
      endpoint: endpoint.url,
      region: 'us-east-1',
      credentials: { accessKeyId, secretAccessKey: 'local' },
      maxAttempts: 1,
    });
    clients.push(client);
    return client;
  }

  const event = (FunctionName: string, payload = '{"a":1}'): InvokeCommand =>
    new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: Buffer.from(payload) });

  it.each(['push', arnOf('push'), '000000000000:function:push'])(
    'accepts an event for the function %s, which it runs afterwards',
    async (name) => {
      const running = Promise.withResolvers<unknown>();
      world.invoke = () => running.promise;
      const answer = await clientOf('LOCALBY').send(event(name));

      // It is accepted though the function has not ended.
      expect(answer.StatusCode).toBe(202);
      expect(world.events).toEqual([{ a: 1 }]);
      expect(world.accepted).toEqual([{ by: 'by', functionName: 'push', event: { a: 1 } }]);
      running.resolve(undefined);
      await world.invocations.idle();
    },
  );

  it('takes an event without a payload for an empty one', async () => {
    const command = new InvokeCommand({ FunctionName: 'push', InvocationType: 'Event' });
    await clientOf('LOCALBY').send(command);
    expect(world.events).toEqual([{}]);
  });

  it('refuses whom its policy does not allow it, in the words of AWS, and counts it', async () => {
    await expect(clientOf('LOCALOTHER').send(event('push'))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(`lambda:InvokeFunction on resource: ${arnOf('push')}`),
      $metadata: { httpStatusCode: 403 },
    });
    await expect(clientOf('NOBODY').send(event('push'))).rejects.toThrow('security token');
    expect(world.events).toEqual([]);
    expect(access.decisions()).toContainEqual(
      expect.objectContaining({ functionName: 'other', allowed: false, resource: arnOf('push') }),
    );
  });

  it.each([
    ['an invocation that waits for its result', new InvokeCommand({ FunctionName: 'push' }), 403],
    ['a dry run', new InvokeCommand({ FunctionName: 'push', InvocationType: 'DryRun' }), 403],
    ['a version', new InvokeCommand({ FunctionName: 'push', InvocationType: 'Event', Qualifier: '1' }), 403],
    ['another call', new ListFunctionsCommand(), 403],
    ['a function that is not there', event('absent'), 404],
    ['an event that is not JSON', event('push', '{'), 400],
    ['an event of more than 1 MB', event('push', JSON.stringify('x'.repeat(1024 * 1024))), 413],
  ])('refuses %s', async (_, command, httpStatusCode) => {
    await expect(clientOf('LOCALBY').send(command as InvokeCommand)).rejects.toMatchObject({
      $metadata: { httpStatusCode },
    });
    expect(world.events).toEqual([]);
  });

  it('is what functions hand orders to', async () => {
    process.env['AWS_REGION'] = 'us-east-1';
    process.env['AWS_ACCESS_KEY_ID'] = 'LOCALBY';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'local';
    process.env['AWS_ENDPOINT_URL_LAMBDA'] = endpoint.url;
    const client = createLambdaClient();
    clients.push(client);
    const order = { workspace: 'acme', log: 'fedcba9876543210', first: 1, last: 2 };
    const push = new PushFunction(client, 'push');
    await push.order(order);
    await push.order({ ...order, after: 'a' }, new AbortController().signal);
    await expect(push.order(order, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });

    expect(world.events).toEqual([order, { ...order, after: 'a' }]);
  });
});

describe('asynchronous invocations', () => {
  const fail = (): Promise<never> => Promise.reject(new Error('broken'));

  it('are tried three times, a minute and two minutes later, unless the template says otherwise', async () => {
    const world = new World();
    const at: number[] = [];
    const begin = world.clock.now();
    world.invoke = () => {
      at.push(world.clock.now() - begin);
      return fail();
    };
    world.invocations.accept(arnOf('push'), 'by', 1);
    await world.invocations.idle();

    expect(at).toEqual([0, 60_000, 180_000]);
    expect(world.lines).toEqual([
      expect.stringContaining('tried again: broken'),
      expect.stringContaining('tried again: broken'),
      expect.stringContaining('dropped: broken'),
    ]);
    expect(world.dropped).toEqual([arnOf('push')]);
  });

  it('that are refused for load are tried again ever more seldom until they are too old, whatever the retries', async () => {
    const world = new World({ maximumRetryAttempts: 0, maximumEventAgeSeconds: 60 });
    const at: number[] = [];
    const begin = world.clock.now();
    world.reserved = 1;
    world.invoke = () => {
      at.push((world.clock.now() - begin) / 1000);
      return Promise.reject(new InvocationFailure(throttle));
    };
    world.invocations.accept(arnOf('push'), 'by', 1);
    await world.invocations.idle();
    expect(at).toEqual([0, 1, 3, 7, 15, 31]);
    expect(world.dropped).toEqual([arnOf('push')]);
  });

  it('of a function that is switched off are dropped at once', async () => {
    const world = new World();
    world.reserved = 0;
    world.invoke = () => Promise.reject(new InvocationFailure(throttle));
    world.invocations.accept(arnOf('push'), 'by', 1);
    await world.invocations.idle();
    expect([world.events, world.dropped]).toEqual([[1], [arnOf('push')]]);
  });

  it('that succeed in the end are not dropped', async () => {
    const world = new World();
    world.invoke = () => (world.events.length < 3 ? fail() : Promise.resolve());
    world.invocations.accept(arnOf('push'), 'by', 1);
    await world.invocations.idle();
    expect([world.events.length, world.dropped]).toEqual([3, []]);
  });

  it.each([
    ['often', { maximumRetryAttempts: 0, maximumEventAgeSeconds: 60 }, 1],
    ['often', { maximumRetryAttempts: 1, maximumEventAgeSeconds: 3600 }, 2],
    ['late', { maximumRetryAttempts: 2, maximumEventAgeSeconds: 59 }, 1],
    ['late', { maximumRetryAttempts: 2, maximumEventAgeSeconds: 100 }, 2],
  ])('are not tried again too %s: %j', async (_, config, tries) => {
    const world = new World(config);
    world.invoke = fail;
    world.invocations.accept(arnOf('push'), 'by', 1);
    await world.invocations.idle();
    expect(world.events).toHaveLength(tries);
  });

  it('may be lost, and may come twice', async () => {
    const world = new World();
    world.faults = [{ kind: 'lose' }, { kind: 'repeat' }, undefined];
    for (const event of [1, 2, 3]) expect(world.invocations.accept(arnOf('push'), 'by', event)).toBe(true);
    await world.invocations.idle();
    expect(world.events).toEqual([2, 2, 3]);
  });

  it('are broken off without a word when the stack ends', async () => {
    const world = new World();
    const running = Promise.withResolvers<unknown>();
    world.invoke = () => running.promise;
    world.invocations.accept(arnOf('push'), 'by', 1);
    world.invocations.stop();
    world.invocations.accept(arnOf('push'), 'by', 2);
    running.reject(new Error('the process was killed'));
    await world.invocations.idle();
    expect([world.events, world.lines]).toEqual([[1], []]);
  });

  it('that wait for another try are broken off as well', async () => {
    const world = new World();
    world.invoke = fail;
    world.invocations.accept(arnOf('push'), 'by', 1);
    await Promise.resolve();
    await Promise.resolve();
    world.invocations.stop();
    await world.invocations.idle();
    expect(world.events).toEqual([1]);
  });

  it.each(['push:1', 'push:$LATEST', arnOf('push:live'), '', 'a/b'])(
    'are of a function that is not named %j',
    (name) => {
      expect(() => invokedFunction(name)).toThrow(UnknownRequest);
    },
  );
});
