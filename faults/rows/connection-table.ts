import { setTimeout as wait } from 'node:timers/promises';
import type { AwsCall, AwsFault } from '../../local/aws-fault.ts';
import type { Injection, Row } from '../row.ts';

/** Time for each stream to look at its item twice, and for the SDK to give up. Milliseconds. */
const troubleMs = 6000;

interface BatchInput {
  readonly RequestItems?: Readonly<Record<string, { readonly Keys: readonly unknown[] }>>;
}

/** Trouble at the connections table: open streams go on, and new ones come later. */
export const connectionTableRows: readonly Row[] = [
  {
    name: 'connections table busy, streams open',
    clients: [{}, {}],
    run: async (injection) => {
      const { boards, random, failures } = injection;
      // So many that some look at the same moment, and share a read.
      for (const board of boards) {
        for (let count = 0; count < 8; count += 1) board.join(random.pick(['alice', 'bob', 'dave']));
      }
      await injection.established();
      const faults: readonly AwsFault[] = [{ kind: 'throttle' }, { kind: 'drop', when: 'before' }];
      failConnections(injection, ['BatchGetItem'], ({ input }) =>
        countKeys(input) > 1 ? { kind: 'unprocessed', processed: 1 } : random.pick(faults),
      );
      await Promise.all([injection.write(32), wait(troubleMs)]);
      injection.seams.heal();
      for (const { ends, user } of boards.flatMap(({ replicas }) => replicas)) {
        for (const { reason } of ends) failures.push(`a stream of ${user.sub} ended with ${reason}`);
      }
    },
  },
  {
    name: 'connections table busy, streams opening',
    run: async (injection) => {
      failConnections(injection, ['PutItem', 'Query', 'UpdateItem'], () => ({ kind: 'throttle' }));
      for (const board of injection.boards)
        for (const sub of ['alice', 'bob', 'dave']) await board.joinLate(sub);
      const late = injection.boards.flatMap(({ replicas }) => replicas.slice(-3));
      await Promise.all(late.map((replica) => replica.until(() => replica.ends.length > 0, troubleMs * 2)));
      for (const { ends, user } of late) {
        if (ends[0]?.reason !== 'trouble') injection.failures.push(`${user.sub} was not told of the trouble`);
      }
      injection.seams.heal();
      await injection.established();
      await injection.write(24);
    },
  },
];

/** Fails all calls of the stream function to the connections table that are about the row's boards. */
function failConnections(
  injection: Injection,
  operations: readonly string[],
  fault: (call: AwsCall) => AwsFault,
): void {
  const table = injection.stack.table('connections');
  injection.seams.awsCall = (call) => {
    if (call.functionName !== 'stream' || !operations.includes(call.operation)) return undefined;
    if (!call.tables.some((arn) => arn.endsWith(`/${table}`)) || !injection.isOurs(call)) return undefined;
    injection.inject();
    return fault(call);
  };
}

/** How many items a BatchGetItem asks for. */
function countKeys({ RequestItems: tables = {} }: BatchInput): number {
  return Object.values(tables).reduce((sum, { Keys: keys }) => sum + keys.length, 0);
}
