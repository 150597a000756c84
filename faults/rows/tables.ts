import { callApi } from '../api.ts';
import type { AwsFault } from '../../local/aws-fault.ts';
import type { Injection, Row } from '../row.ts';

/** Faults of the tables and of the way to them, for each function. */
export const tableRows: readonly Row[] = [
  throttled('fanout', 0.3),
  throttled('tasks', 0.3),
  throttled('stream', 0.4),
  {
    name: 'throttled: connections',
    run: async (injection) => {
      injectCalls(injection, 'connections', 0.6, () => ({ kind: 'throttle' }));
      await Promise.all([injection.write(20), askForStats(injection)]);
    },
  },
  {
    name: 'slow tables',
    arm: (injection) => {
      const { random } = injection;
      injectCalls(injection, undefined, 0.3, () => ({
        kind: 'delay',
        milliseconds: random.integer(20, 400),
      }));
    },
  },
  {
    name: 'lost connections',
    arm: (injection) => {
      const { random } = injection;
      injectCalls(injection, undefined, 0.15, () => ({
        kind: 'drop',
        when: random.chance(0.5) ? 'before' : 'after',
      }));
    },
  },
];

function throttled(functionName: string, probability: number): Row {
  return {
    name: `throttled: ${functionName}`,
    // The SDK waits long after a throttle, and longer after each.
    writes: [16, 2],
    arm: (injection) => {
      const { random } = injection;
      injectCalls(injection, functionName, probability, () => ({
        kind: 'throttle',
        code: random.chance(0.5) ? 'ThrottlingException' : 'ProvisionedThroughputExceededException',
      }));
    },
  };
}

/** Gives calls that are about the row's boards a fault, with a probability; those of one function, or of all. */
function injectCalls(
  injection: Injection,
  functionName: string | undefined,
  probability: number,
  fault: () => AwsFault,
): void {
  injection.seams.awsCall = (call) => {
    if (functionName !== undefined && call.functionName !== functionName) return undefined;
    if (!injection.isOurs(call) || !injection.random.chance(probability)) return undefined;
    injection.inject();
    return fault();
  };
}

/** An admin looks at the connections: an answer, or "too many requests" with the time to wait. */
async function askForStats({ boards, stack, failures }: Injection): Promise<void> {
  const requests = boards.flatMap((board) => Array.from({ length: 8 }, () => board.token('dave')));
  const ask = async (token: string): Promise<void> => {
    const answer = await callApi(stack.local.url, token, 'GET', '/sse/stats');
    const isRight = answer.status === 200 || (answer.status === 429 && 'retry-after' in answer.headers);
    if (!isRight) failures.push(`GET /sse/stats was answered ${answer.status} ${answer.body.code}`);
  };
  await Promise.all(requests.map(ask));
}
