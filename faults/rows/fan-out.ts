import type { AwsFault } from '../../local/data/aws-fault.ts';
import type { Injection, Row } from '../matrix/row.ts';
import { Gate } from './gate.ts';

/** Faults of the fan-out itself and of its transactions. */
export const fanOutRows: readonly Row[] = [
  { name: 'fan-out killed at each of its calls', run: killAtEachCall },
  {
    name: 'fan-out killed at random',
    arm: (injection) => {
      const { random, seams, stack } = injection;
      const { process } = stack.function('fanout');
      seams.awsCall = async ({ functionName }) => {
        if (functionName !== 'fanout' || !random.chance(0.08)) return undefined;
        injection.inject();
        if (random.chance(0.5)) return { kind: 'stall', onHappened: () => void process.crash() };
        await process.crash();
        return { kind: 'drop', when: 'before' };
      };
    },
  },
  {
    name: 'transaction happened, answer lost',
    arm: (injection) => {
      const { random, seams } = injection;
      const fates = new Map<unknown, AwsFault | undefined>();
      seams.awsCall = (call) => {
        if (call.functionName !== 'fanout' || call.operation !== 'TransactWriteItems') return undefined;
        if (!injection.isOurs(call)) return undefined;
        const { ClientRequestToken: token } = call.input;
        if (fates.has(token)) {
          // The SDK tries again with the same token: some answers are lost once, some each time.
          return fates.get(token);
        }
        const isLost = random.chance(0.6);
        const fault = isLost ? ({ kind: 'drop', when: 'after' } as const) : undefined;
        fates.set(token, random.chance(0.5) ? fault : undefined);
        if (!isLost) return undefined;
        injection.inject();
        // The caller's patience is long: one is never answered, and at times another one.
        const isSilent = injection.injected === 1 || (injection.scale === 'full' && random.chance(0.05));
        return isSilent ? { kind: 'stall' } : fault;
      };
    },
  },
  {
    name: 'transaction conflicts',
    refusals: ['409'],
    arm: (injection) => {
      const { random, seams } = injection;
      const writes = new Set(['TransactWriteItems', 'PutItem', 'UpdateItem', 'DeleteItem']);
      seams.awsCall = (call) => {
        const meets =
          ['fanout', 'tasks'].includes(call.functionName) &&
          writes.has(call.operation) &&
          injection.isOurs(call) &&
          random.chance(0.4);
        if (!meets) return undefined;
        injection.inject();
        return { kind: 'conflict' };
      };
    },
  },
];

/**
 * Kills the fan-out's process before and after each of the calls that it makes for a batch of two workspaces, one after
 * the other. Lambda would deliver the batch to another process, and so does the mapping.
 */
async function killAtEachCall(injection: Injection): Promise<void> {
  const { seams, stack } = injection;
  const { process } = stack.function('fanout');
  for (let point = 0; ; point += 1) {
    const gate = new Gate();
    let calls = 0;
    let isKilled = false;
    seams.delivery = async (records, deliver) => {
      await gate.pass();
      return deliver(records);
    };
    seams.awsCall = async (call) => {
      if (call.functionName !== 'fanout' || isKilled || !injection.isOurs(call)) return undefined;
      const index = calls;
      calls += 1;
      if (index !== point >> 1) return undefined;
      isKilled = true;
      injection.inject();
      if (point % 2 === 1) return { kind: 'stall', onHappened: () => void process.crash() };
      await process.crash();
      return { kind: 'drop', when: 'before' };
    };
    await injection.write(6);
    gate.open();
    await stack.local.pump.drained();
    if (!isKilled) return;
  }
}
