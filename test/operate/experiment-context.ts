import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Clock } from '../../core/clock.ts';
import { systemClock } from '../../lambdas/shared/runtime/clock.ts';
import type { Aws } from '../../operate/verify-account/aws/aws.ts';
import type { Context } from '../../operate/verify-account/context.ts';
import { openTables } from '../../operate/stack/tables.ts';
import { Deployment } from '../../tools/smoke/deployment.ts';
import type { TestStack } from '../end-to-end/stack.ts';

/** A clock that is so many times as fast as the machine's: an experiment that waits for minutes waits for seconds. */
export function fastClock(factor: number): Clock {
  const [began, origin] = [Date.now(), performance.now()];
  return {
    now: () => began + (performance.now() - origin) * factor,
    sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / factor, signal),
  };
}

/** Settings of a stage whose edge is off. */
export const stageFacts: Context['stage'] = {
  name: 'dev',
  edge: 'off',
  monitoring: 'on',
  metrics: 'on',
  gaugeMinutes: 5,
  paddingBytes: 3,
  pollMaxMs: 1000,
  sessionSeconds: 300,
  historySeconds: 86_400,
};

/** A context of an experiment that asks nothing but an account. */
export function accountContext(aws: Partial<Aws>, more: Partial<Context> = {}): Context {
  const unreachable = new URL('http://127.0.0.1:9');
  return {
    stage: stageFacts,
    deployment: new Deployment({ baseUrl: unreachable, streamUrl: unreachable, token: 'a.b.c' }),
    socket: undefined,
    tables: { client: openTables(unreachable.href), connections: 'connections', events: 'events' },
    aws: aws as Aws,
    billedDay: '2026-11-26',
    clock: fastClock(1000),
    mayTakeHours: true,
    mayChangeSettings: true,
    signal: new AbortController().signal,
    say: () => undefined,
    ...more,
  };
}

/** A context of experiments on a local stack, as a user of a workspace. */
export async function stackContext(
  stack: TestStack,
  workspace: string,
  more: Partial<Context> = {},
): Promise<Context> {
  const token = await stack.local.issuer.sign({ sub: 'alice', workspace });
  const baseUrl = new URL(stack.local.url);
  const url = new URL(`ws://localhost:${stack.local.port}/ws`);
  return {
    ...accountContext({}),
    stage: { ...stageFacts, name: 'local', pollMaxMs: 100 },
    deployment: new Deployment({ baseUrl, streamUrl: baseUrl, socketUrl: url, token }),
    socket: { url, token },
    tables: {
      client: DynamoDBDocumentClient.from(stack.database),
      connections: stack.local.tables['connections']!,
      events: stack.local.tables['events']!,
    },
    aws: undefined,
    clock: systemClock,
    ...more,
  };
}
