import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Clock, Random } from '../../../core/clock.ts';
import { Credentials } from '../auth/credentials.ts';
import type { tokenEnvironment } from '../auth/environment.ts';
import { tokenSettings } from '../auth/environment.ts';
import { createTokenVerifier } from '../auth/verifier.ts';
import type { Items } from '../dynamodb/items.ts';
import { OpenConnections } from '../dynamodb/open-connections.ts';
import { RevocationStore } from '../dynamodb/revocation-store.ts';
import { TicketStore } from '../dynamodb/ticket-store.ts';
import { WorkspaceCount } from '../dynamodb/workspace-count.ts';
import type { EnvironmentValues } from '../runtime/environment.ts';
import type { Ends } from '../web-socket/create-ends.ts';
import { Admissions } from './admissions.ts';
import { WorkspaceRoom } from './workspace-room.ts';

/** What a function knows of its environment that lets clients in. */
export interface EntranceSettings extends EnvironmentValues<typeof tokenEnvironment> {
  readonly CONNECTIONS_TABLE: string;
  readonly CONNECTIONS_PER_USER: number;
  readonly CONNECTIONS_PER_WORKSPACE: number;
}

/** Who may open a connection, whatever carries it: who it is, and whether there is room. */
export interface Entrance {
  readonly credentials: Credentials;
  readonly admissions: Admissions;
}

/**
 * Makes what lets clients in, once a process.
 * @param items where the process reads the items of the connections table in a way of its own.
 */
export function createEntrance(
  client: DynamoDBDocumentClient,
  environment: EntranceSettings,
  { connections, ends }: Pick<Ends, 'connections' | 'ends'>,
  { clock, random, items }: { readonly clock: Clock; readonly random: Random; readonly items?: Items },
): Entrance {
  const { CONNECTIONS_TABLE: table, CONNECTIONS_PER_USER: perUser } = environment;
  const settings = tokenSettings(environment);
  const openConnections = new OpenConnections(client, table);
  return {
    credentials: new Credentials({
      verifier: createTokenVerifier(settings),
      tickets: new TicketStore(client, table),
      tokenLifeSeconds: settings.tokenLifeSeconds,
      now: () => clock.now(),
    }),
    admissions: new Admissions({
      connections,
      ends,
      openConnections,
      revocations: new RevocationStore(client, table, items),
      room: new WorkspaceRoom({
        openConnections,
        counts: new WorkspaceCount(client, table, items),
        perWorkspace: environment.CONNECTIONS_PER_WORKSPACE,
        clock,
      }),
      limits: { perUser },
      clock,
      random,
    }),
  };
}
