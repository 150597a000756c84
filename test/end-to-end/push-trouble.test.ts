import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SubscriberStore } from '../../lambdas/shared/dynamodb/subscriber-store.ts';
import { assemblyWithout } from './removed-grants.ts';
import { TestStack } from './stack.ts';
import { subscriberOf } from './subscribers.ts';

it('without the grant to invoke, a fan-out logs what happens, and the log says why nothing is pushed', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'taskwire-push-'));
  const told = Promise.withResolvers<string>();
  const broken = await TestStack.start({
    assembly: assemblyWithout(directory, [
      { role: 'FanOutFanout', action: 'lambda:InvokeFunction', resource: 'Push' },
    ]),
    onLog: ({ functionName, text }) => {
      if (functionName === 'fanout' && text.includes('not handed on')) told.resolve(text);
    },
  });
  try {
    const who = { sub: 'ana', workspace: 'push-grant' };
    const subscriber = subscriberOf(who.workspace, 'ana', 'gone');
    await new SubscriberStore(broken.database, broken.local.tables['connections']!).put(subscriber);
    const stream = await broken.connect(who);
    await broken.request(who, 'POST', '/tasks', { name: 'logged' });
    await stream.until(() => stream.events.length === 1);

    expect(await told.promise).toMatch(
      /"trouble":"lasting".*not authorized to perform: lambda:InvokeFunction/,
    );
  } finally {
    await broken.close();
    rmSync(directory, { recursive: true, force: true });
  }
});

it('a stack that ends while something is pushed breaks it off without a word', async () => {
  const underWay = Promise.withResolvers<void>();
  const lines: string[] = [];
  const ending = await TestStack.start({
    onLog: ({ functionName, text }) => {
      if (functionName === 'stack') lines.push(text);
    },
    onAwsCall: ({ functionName }) => {
      if (functionName !== 'push') return undefined;
      underWay.resolve();
      return { kind: 'stall' };
    },
  });
  const who = { sub: 'ana', workspace: 'push-end' };
  const table = ending.local.tables['connections']!;
  await new SubscriberStore(ending.database, table).put(subscriberOf(who.workspace, 'ana', 'gone'));
  await ending.request(who, 'POST', '/tasks', { name: 'pushed' });
  await underWay.promise;
  await ending.close();
  await ending.local.invocations.idle();

  expect(lines).toEqual([]);
});
