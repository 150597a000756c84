import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** What one request has cost at the tables, in request units. */
export interface UnitsConsumed {
  readonly readUnits: number;
  readonly writeUnits: number;
}

/** The operations that read; all others write. */
const reads = new Set(['GetItemCommand', 'BatchGetItemCommand', 'QueryCommand', 'ScanCommand']);

interface Reported {
  readonly CapacityUnits?: number;
}

/**
 * Makes a client ask what each of its requests has cost. A write whose condition fails costs units as well, and says nothing
 * of them.
 */
export function reportUnits(client: DynamoDBClient, consumed: (units: UnitsConsumed) => void): void {
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const answer = await next({
          ...args,
          input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' },
        });
        const { ConsumedCapacity: reported = [] } = answer.output as {
          ConsumedCapacity?: Reported | readonly Reported[];
        };
        const units = [reported].flat().reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
        const isRead = reads.has(commandName);
        consumed({ readUnits: isRead ? units : 0, writeUnits: isRead ? 0 : units });
        return answer;
      },
    { step: 'initialize', name: 'reportUnits' },
  );
}
