import { once } from 'node:events';
import { WebFunction } from '../../local/web-functions/web-function.ts';
import type { WebFunctionSettings } from '../../local/web-functions/web-function.ts';
import { ServerFront, webProgram } from './server-front.ts';

let web: WebFunction;
let front: ServerFront;

async function start(settings: Partial<WebFunctionSettings> = {}): Promise<void> {
  web = new WebFunction(
    {
      name: 'stream',
      ...webProgram,
      timeoutSeconds: 60,
      mostRequests: 2,
      mostEnvironments: undefined,
      memoryMegabytes: 2048,
      endpointName: 'prod',
      clockSkewMs: () => 0,
      ...settings,
    },
    () => {},
  );
  await web.start();
  front = await ServerFront.open(web);
}

afterEach(async () => {
  front.close();
  await web.close();
});

describe('a Web Function', () => {
  it('hands a request on as Lambda does, and its answer back', async () => {
    await start();
    const { headers } = await front.said();

    expect(headers).toMatchObject({
      'lambda-web-endpoint-name': 'prod',
      'lambda-web-request-id': expect.any(String),
    });
    const answer = await front.ask('/', {
      'x-real-ip': '1.2.3.4',
      'lambda-web-request-id': 'mine',
      'x-mine': 'stays',
    });
    const { headers: others } = (await answer.json()) as { headers: Record<string, string> };
    expect(others).toMatchObject({ 'x-mine': 'stays' });
    expect(others).not.toHaveProperty('x-real-ip');
    expect(others['lambda-web-request-id']).not.toBe('mine');
    expect(answer.headers.get('content-type')).toBe('application/json');
  });

  it('starts as many environments as its requests take, and takes no more than it has environments for', async () => {
    await start({ mostEnvironments: 2 });
    for (const _ of [1, 2, 3, 4]) await front.stream();

    expect(web.pids).toHaveLength(2);
    expect((await front.ask('/')).status).toBe(429);
  });

  it('starts more where the service lets an environment take fewer', async () => {
    await start();
    web.faults = { mostRequests: 1 };
    for (const _ of [1, 2, 3]) await front.stream();

    expect(web.pids).toHaveLength(3);
  });

  it('lets the program hear that a client has left, or not', async () => {
    await start({ mostRequests: 9 });
    (await front.stream('/stream/heard')).destroy();
    await front.running(0);
    web.faults = { hidesLeaving: true };
    (await front.stream('/stream/unheard')).destroy();

    expect((await front.said()).left).toEqual(['/stream/heard']);
    expect(web.running).toBe(1);
  });

  it('breaks an answer off at the time limit, and answers 504 where there is none', async () => {
    await start({ timeoutSeconds: 0.5 });
    const answer = await front.stream();
    const [late] = await Promise.all([front.ask('/hang'), once(answer, 'error')]);

    expect(late.status).toBe(504);
    expect(late.headers.get('lambda-web-error-type')).toBe('Runtime.RequestTimeout');
    expect(answer.complete).toBe(false);
  });

  it('goes without a word: what is open is broken off, what waits is 502, and the next request finds another', async () => {
    await start();
    const before = web.pids;
    const answer = await front.stream();
    const hanging = front.ask('/hang');
    await front.running(2);
    const [late] = await Promise.all([hanging, once(answer, 'error'), web.crash()]);

    expect(late.status).toBe(502);
    expect(before).not.toContain((await front.said()).pid);
    await front.running(0);
  });

  it.each([
    ['ends when it is told to', {}],
    ['is gone after a second in any case', { IGNORES_SIGTERM: 'yes' }],
  ])('with a new revision, an environment %s', async (_, variables) => {
    await start({ variables: { ...webProgram.variables, ...variables } });
    const before = web.pids;
    const answer = await front.stream();
    await Promise.all([web.replace(), once(answer, 'error')]);

    expect(before).not.toContain((await front.said()).pid);
    expect(web.pids).toHaveLength(1);
  });

  it('says how many answers wait for their clients', async () => {
    await start();
    expect(await web.blocked()).toBe(0);
    const answer = await front.stream('/stream/full');
    answer.pause();
    expect(await web.blocked()).toBe(1);
    answer.destroy();
    await front.running(0);
    expect(await web.blocked()).toBe(0);
  });

  it('says how much memory it takes', async () => {
    await start();
    expect((await web.memory()).heapUsed).toBeGreaterThan(1_000_000);
  });
});
