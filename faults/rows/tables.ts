import { paths } from '../../protocol/routes.ts';
import { callApi } from '../writes/api.ts';
import type { Injection, Row } from '../matrix/row.ts';
import type { Refusal } from '../writes/task-client.ts';
import { injectCalls } from './calls.ts';

/** Faults of the tables and of the way to them, for each function. */
export const tableRows: readonly Row[] = [
  throttled('fanout', 0.3),
  throttled('tasks', 0.3, ['429']),
  throttled('stream', 0.4),
  {
    name: 'throttled: connections',
    run: async (injection) => {
      injectCalls(injection, { functions: ['connections'], probability: 0.6 }, () => ({ kind: 'throttle' }));
      await Promise.all([injection.write(20), askForStats(injection)]);
    },
  },
  {
    name: 'slow tables',
    arm: (injection) => {
      const { random } = injection;
      injectCalls(injection, { probability: 0.3 }, () => ({
        kind: 'delay',
        milliseconds: random.integer(20, 400),
      }));
    },
  },
  {
    name: 'lost connections',
    refusals: ['503', 'DELETE 404'],
    arm: (injection) => {
      const { random } = injection;
      injectCalls(injection, { probability: 0.15 }, () => ({
        kind: 'drop',
        when: random.chance(0.5) ? 'before' : 'after',
      }));
    },
  },
];

function throttled(functionName: string, probability: number, refusals: readonly Refusal[] = []): Row {
  return {
    name: `throttled: ${functionName}`,
    refusals,
    // The SDK waits long after a throttle, and longer after each.
    writes: [16, 2],
    arm: (injection) => {
      const { random } = injection;
      injectCalls(injection, { functions: [functionName], probability }, () => ({
        kind: 'throttle',
        code: random.chance(0.5) ? 'ThrottlingException' : 'ProvisionedThroughputExceededException',
      }));
    },
  };
}

/** An admin looks at the connections: an answer, or "too many requests" with the time to wait. */
async function askForStats({ boards, stack, failures }: Injection): Promise<void> {
  const requests = boards.flatMap((board) => Array.from({ length: 8 }, () => board.token('dave')));
  const ask = async (token: string): Promise<void> => {
    const answer = await callApi(stack.local.url, token, 'GET', paths.stats);
    const isRight = answer.status === 200 || (answer.status === 429 && 'retry-after' in answer.headers);
    if (!isRight) failures.push(`GET /sse/stats was answered ${answer.status} ${answer.body.code}`);
  };
  await Promise.all(requests.map(ask));
}
