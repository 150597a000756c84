import { once } from 'node:events';
import type { ContainerSettings } from '../../local/containers/container-service.ts';
import { ContainerService } from '../../local/containers/container-service.ts';
import { ServerFront, webProgram } from './server-front.ts';

let service: ContainerService;
let front: ServerFront;

/** Longer than any test takes. */
const longSeconds = 1000;
const health = { path: '/health', intervalSeconds: longSeconds, timeoutSeconds: 5, failures: 3 };

async function start(settings: Partial<ContainerSettings> = {}): Promise<void> {
  service = new ContainerService(
    {
      name: 'stream',
      ...webProgram,
      endpointVariable: 'AWS_LAMBDA_HTTP_ENDPOINT',
      clockSkewMs: () => 0,
      tasks: 2,
      memoryMegabytes: 512,
      processors: 0.25,
      drainSeconds: longSeconds,
      stopSeconds: longSeconds,
      health,
      ...settings,
    },
    () => {},
  );
  await service.start();
  front = await ServerFront.open(service);
}

afterEach(async () => {
  front.close();
  await service.close();
});

describe('tasks behind a load balancer', () => {
  it('are as many as the service has, and get requests by how many they have', async () => {
    await start({ tasks: 3 });
    for (const _ of [1, 2, 3, 4]) await front.stream();

    expect(new Set(service.pids).size).toBe(3);
    expect(service.running).toBe(4);
    // One of them has two, and the others one each.
    await service.crashTask();
    expect(service.running).toBe(2);
  });

  it('hear whom a request is from, and whether its client has left', async () => {
    await start({ tasks: 1 });
    (await front.stream('/stream/heard')).destroy();
    await front.running(0);
    service.faults = { hidesLeaving: true };
    (await front.stream('/stream/unheard')).destroy();
    const { headers, left } = await front.said();

    expect(headers).toMatchObject({ 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http' });
    expect(left).toEqual(['/stream/heard']);
    expect(service.running).toBe(1);
  });

  it('go without a word: what is open there is broken off, the other task goes on, and another one is started', async () => {
    await start();
    const [one, other] = [await front.stream(), await front.stream()];
    const before = service.pids;
    await Promise.all([service.crashTask(), Promise.race([once(one, 'error'), once(other, 'error')])]);
    await service.start();

    expect([one, other].filter(({ destroyed }) => destroyed)).toHaveLength(1);
    expect(service.pids.filter((pid) => before.includes(pid))).toHaveLength(1);
    expect(service.pids).toHaveLength(2);
  });

  it('can all go, one after another, and requests always find one', async () => {
    await start();
    const before = service.pids;
    const over = new AbortController();
    const crashing = async (): Promise<void> => {
      await service.crash();
      over.abort();
    };
    let answers = 0;
    const asking = async (): Promise<void> => {
      for (; !over.signal.aborted; answers += 1) expect([200, 502]).toContain((await front.ask('/')).status);
    };
    await Promise.all([crashing(), asking()]);

    expect(answers).toBeGreaterThan(0);
    await service.start();
    expect(service.pids.filter((pid) => before.includes(pid))).toEqual([]);
  });

  it('answer 503 for the one that is not there, and 502 for one that goes before it has answered', async () => {
    await start({ tasks: 1 });
    const hanging = front.ask('/hang');
    await front.running(1);
    await service.crashTask();

    expect((await front.ask('/')).status).toBe(503);
    expect((await hanging).status).toBe(502);
  });

  it('are replaced in a deploy: the new ones get what comes, the old ones keep what they have until it has ended', async () => {
    await start();
    const before = service.pids;
    const streams = [await front.stream(), await front.stream()];
    const deployed = service.deploy();
    // The old ones take requests until the others can.
    while (service.pids.length < 4 || before.includes((await front.said()).pid)) await front.ask('/');
    expect(streams.map(({ destroyed }) => destroyed)).toEqual([false, false]);
    for (const stream of streams) stream.destroy();
    await deployed;

    expect(service.pids).toHaveLength(2);
    expect(service.pids.filter((pid) => before.includes(pid))).toEqual([]);
  });

  it.each([
    ['end when they are told to', longSeconds, {}],
    ['are gone some time after that in any case', 0.3, { IGNORES_SIGTERM: 'yes' }],
  ])('have so much time for what they have, and %s', async (_, stopSeconds, variables) => {
    await start({ drainSeconds: 0.1, stopSeconds, variables: { ...webProgram.variables, ...variables } });
    const stream = await front.stream();
    await Promise.all([service.deploy(), once(stream, 'error')]);

    expect(stream.complete).toBe(false);
    expect(service.running).toBe(0);
  });

  it('are replaced when they do not say that they are well', async () => {
    await start({
      tasks: 1,
      drainSeconds: 0,
      stopSeconds: 0,
      health: { ...health, intervalSeconds: 0.05, timeoutSeconds: 0.2 },
    });
    const [stuck] = service.pids;
    process.kill(stuck!, 'SIGSTOP');
    while (service.pids.includes(stuck!) || service.pids.length === 0)
      await front.ask('/', { 'x-asks': 'whoever is there' }).catch(() => undefined);

    expect((await front.said()).pid).not.toBe(stuck);
  });

  it('say how much memory they take', async () => {
    await start();
    expect((await service.memory()).heapUsed).toBeGreaterThan(2_000_000);
  });
});
