import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { forEachOf } from '../../core/for-each.ts';
import { TestStack } from '../end-to-end/stack.ts';
import { startBrokenDeployment } from './broken-deployment.ts';
import type { Fault } from './broken-deployment.ts';
import { brokenApis } from './broken-apis.ts';
import { brokenPresence } from './broken-presence.ts';
import { brokenStreams } from './broken-streams.ts';
import type { SmokeRun } from './smoke-command.ts';
import { smokeReport } from './smoke-command.ts';

let stack: TestStack;
let goodToken: string;
beforeAll(async () => {
  stack = await TestStack.start({ pageDirectory: join(import.meta.dirname, '../../dashboard') });
  goodToken = await stack.local.issuer.sign({ sub: 'alice' });
});
afterAll(() => stack.close());

const faults = [...brokenApis(() => goodToken), ...brokenPresence, ...brokenStreams];

/** What the smoke test says of a deployment with a fault; in a workspace of its own, since others run beside it. */
async function tryDeployment(fault: Fault): Promise<SmokeRun> {
  await using broken = await startBrokenDeployment(stack.local.url, fault);
  const workspace = `deployment-${randomUUID()}`;
  const token = await stack.local.issuer.sign({ sub: 'alice', workspace });
  const adminToken = await stack.local.issuer.sign({ sub: 'root', workspace, admin: true });
  const flags = ['--base-url', broken.url, '--token', token, '--admin-token', adminToken];
  flags.push('--origin', stack.local.url);
  return await smokeReport([...flags, '--page', '--timeout', '15']);
}

describe('the smoke test finds a deployment', () => {
  /** Of each deployment, by its name. */
  const runs = new Map(faults.map(([name]) => [name, Promise.withResolvers<SmokeRun>()]));
  beforeAll(() => {
    // A run waits more than it computes: some go on at a time, and each test waits for its own.
    void forEachOf(faults, 4, ([name, fault]) =>
      tryDeployment(fault).then(runs.get(name)!.resolve, runs.get(name)!.reject),
    );
    // A run that fails before its test is there is not lost.
    for (const { promise } of runs.values()) promise.catch(() => undefined);
  });

  it.each(faults)('%s', async (name, _, { found, meaning }) => {
    const { code, steps, stdout } = await runs.get(name)!.promise;
    expect(code).toBe(1);
    const failed = steps.find(({ outcome }) => outcome === 'failed');
    expect(failed).toMatchObject({
      found: expect.stringMatching(found),
      meaning: expect.stringMatching(meaning),
      remedy: expect.stringMatching(/./),
    });
    expect(stdout).toContain(`    means: ${failed!.meaning}\n    do:    ${failed!.remedy}`);
  });

  it('and still removes what it has made', async () => {
    const who = { sub: 'alice', workspace: 'left-over' };
    const token = await stack.local.issuer.sign(who);
    await using broken = await startBrokenDeployment(stack.local.url, {
      answer: async (request, forward) =>
        request.method === 'PATCH' ? new Response('', { status: 502 }) : forward(request),
    });
    const { code, steps } = await smokeReport([
      '--base-url',
      broken.url,
      '--token',
      token,
      '--timeout',
      '15',
    ]);
    expect(code).toBe(1);
    expect(steps.at(-1)).toMatchObject({ name: 'clean up', outcome: 'passed' });
    expect((await stack.request(who, 'GET', '/tasks')).body.tasks).toEqual([]);
  });
});
