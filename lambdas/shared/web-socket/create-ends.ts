import type { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Items } from '../dynamodb/items.ts';
import { ConnectionStore } from '../dynamodb/connection-store.ts';
import { SocketStore } from '../dynamodb/socket-store.ts';
import { SubscriberStore } from '../dynamodb/subscriber-store.ts';
import { createManagementClient, Sockets } from './client.ts';
import { ConnectionEnds } from './connection-ends.ts';
import type { SocketEndsOptions } from './socket-ends.ts';
import { SocketEnds } from './socket-ends.ts';

/** What ends connections of either kind, and what it works with. */
export interface Ends {
  readonly connections: ConnectionStore;
  readonly openSockets: SocketStore;
  readonly subscribers: SubscriberStore;
  readonly socketEnds: SocketEnds;
  readonly ends: ConnectionEnds;
}

/** Where a function finds what it ends. */
export interface EndsSettings {
  readonly CONNECTIONS_TABLE: string;
  readonly SOCKETS_ENDPOINT: string;
}

/**
 * Makes what ends connections, once a process.
 * @param ports `management` where whoever ends them has a client of the management endpoint of its own; `items`
 * where it reads and writes the items of the connections table in a way of its own.
 */
export function createEnds(
  client: DynamoDBDocumentClient,
  { CONNECTIONS_TABLE: table, SOCKETS_ENDPOINT: endpoint }: EndsSettings,
  {
    observer,
    clock,
    management = createManagementClient(endpoint),
    items,
  }: Pick<SocketEndsOptions, 'observer' | 'clock'> & {
    readonly management?: ApiGatewayManagementApiClient;
    readonly items?: Items;
  },
): Ends {
  const connections = new ConnectionStore(client, table, items);
  const openSockets = new SocketStore(client, table);
  const subscribers = new SubscriberStore(client, table);
  const sockets = new Sockets(management);
  const socketEnds = new SocketEnds({ sockets, openSockets, subscribers, connections, observer, clock });
  return {
    connections,
    openSockets,
    subscribers,
    socketEnds,
    ends: new ConnectionEnds(connections, socketEnds),
  };
}
