import { setTimeout as wait } from 'node:timers/promises';
import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { cutAt } from '../../core/connections/revocation.ts';
import type { ConnectionKey } from '../../core/connections/connection.ts';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { keyOf, readConnection } from '../../lambdas/shared/dynamodb/connection-item.ts';
import { RevocationStore } from '../../lambdas/shared/dynamodb/revocation-store.ts';
import { systemClock } from '../../lambdas/shared/runtime/clock.ts';
import { createEnds } from '../../lambdas/shared/web-socket/create-ends.ts';
import { explain } from '../stack/explain.ts';
import { localDatabase } from '../stack/tables.ts';
import type { EndPorts } from './end.ts';

/** The longest life of a token that any stage may accept, seconds: a revocation must not be forgotten before. */
const longestTokenLife = 30 * 24 * 3600;

export interface EndTarget {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  /** The stage of the WebSocket API. */
  readonly socketsEndpoint: string;
  /** Whether it is a local stack's. */
  readonly isLocal: boolean;
  /** Told what could not be done with a WebSocket. */
  readonly onTrouble: (message: string) => void;
}

/** What ends connections, by the product's own code. */
export function endPorts({ client, table, socketsEndpoint, isLocal, onTrouble }: EndTarget): EndPorts {
  const management = isLocal && {
    management: new ApiGatewayManagementApiClient({ endpoint: socketsEndpoint, ...localDatabase }),
  };
  // The command says itself what it has ended.
  const observer = {
    ended: () => undefined,
    trouble: (message: string, error: unknown) => onTrouble(`${message}: ${explain(error)}`),
  };
  const { ends } = createEnds(
    client,
    { CONNECTIONS_TABLE: table, SOCKETS_ENDPOINT: socketsEndpoint },
    { observer, clock: systemClock, ...management },
  );
  const revocations = new RevocationStore(client, table);
  return {
    ends,
    revokeTokenOf: async (key: ConnectionKey) => {
      const { Item: item } = await client.send(
        new GetCommand({ TableName: table, Key: keyOf(key), ConsistentRead: true }),
      );
      if (item === undefined) return;
      const { token, tokenExpiresAt } = readConnection(item);
      const now = Date.now();
      await revocations.revokeTokens(key, [[token, tokenExpiresAt]], now, cutAt(now, longestTokenLife));
    },
    now: Date.now,
    sleep: wait,
  };
}
