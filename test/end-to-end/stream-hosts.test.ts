import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestStack } from './stack.ts';
import { startWith } from './synthesized-stack.ts';

const alice = { sub: 'alice', workspace: 'hosts' };

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'taskwire-hosts-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('a stage goes over to another host and back, and its clients go on where they were', async () => {
  const kept = { prefix: `test-${randomBytes(4).toString('hex')}`, dataDirectory: join(directory, 'data') };
  const told: unknown[] = [];
  let lastEventId: string | undefined;
  const goOn = async (stack: TestStack, name: string): Promise<void> => {
    const stream = await stack.connect(alice, lastEventId === undefined ? {} : { lastEventId });
    expect((await stack.request(alice, 'POST', '/tasks', { name })).status).toBe(201);
    await stream.until(() => stream.events.some(({ task }) => task.name === name));
    told.push(...stream.events.map(({ task }) => task.name));
    if (lastEventId !== undefined) expect(stream.frames[1]).toMatchObject({ data: { complete: true } });
    lastEventId = stream.cursor;
    // While nobody follows.
    await stack.request(alice, 'POST', '/tasks', { name: `after ${name}` });
    await stack.close();
  };

  for (const streamHost of ['function', 'web-function', 'container', 'function'])
    await goOn(await startWith({ streamHost, edge: 'on' }, kept), `${streamHost} ${told.length}`);

  expect(told).toEqual([
    'function 0',
    'after function 0',
    'web-function 1',
    'after web-function 1',
    'container 3',
    'after container 3',
    'function 5',
  ]);
});
