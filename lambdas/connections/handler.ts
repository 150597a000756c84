import middy from '@middy/core';
import { connectionRoutes, paths } from '../../protocol/routes.ts';
import { createEnds } from '../shared/web-socket/create-ends.ts';
import { OpenConnections } from '../shared/dynamodb/open-connections.ts';
import { systemClock } from '../shared/runtime/clock.ts';
import { createDocumentClient } from '../shared/dynamodb/client.ts';
import { tokenSettings } from '../shared/auth/environment.ts';
import { readEnvironment } from '../shared/runtime/environment.ts';
import { observed, Signals } from '../shared/signals/signals.ts';
import { RevocationStore } from '../shared/dynamodb/revocation-store.ts';
import { RevocableTokens } from '../shared/auth/revocable-tokens.ts';
import { TicketStore } from '../shared/dynamodb/ticket-store.ts';
import { createTokenVerifier } from '../shared/auth/verifier.ts';
import type { Answer } from '../shared/http/answer.ts';
import { answerJson } from '../shared/http/answer.ts';
import { tokenInBodyOf } from '../shared/http/body-object.ts';
import { correlated } from '../shared/http/correlation.ts';
import type { AuthenticatedEvent } from '../shared/http/middleware.ts';
import { answerErrors, answerPreflight, authenticate, unifyPath } from '../shared/http/middleware.ts';
import { routerOf } from '../shared/http/router.ts';
import { connectionIdOfPath, readConnectionId, readUserId } from './request.ts';
import { ConnectionService } from './service.ts';
import { TicketOffice } from './ticket-office.ts';
import { connectionsEnvironment } from './environment.ts';

const environment = readEnvironment(connectionsEnvironment);
const signals = new Signals(environment.LOG_SAMPLE_PERCENT);
const { observer } = signals;
const client = createDocumentClient(signals.consumed);
const table = environment.CONNECTIONS_TABLE;
const revocations = new RevocationStore(client, table);
const settings = tokenSettings(environment);
const tokens = new RevocableTokens(createTokenVerifier(settings), revocations);
const service = new ConnectionService(
  {
    ...createEnds(client, environment, { observer, clock: systemClock }),
    openConnections: new OpenConnections(client, table),
    revocations,
  },
  settings.tokenLifeSeconds,
  Date.now,
);

const ticketOffice = new TicketOffice(new TicketStore(client, table), environment.TICKET_SECONDS, Date.now);

/** A body is not read: there is nothing to say. */
async function giveTicket({ verifiedToken }: AuthenticatedEvent): Promise<Answer> {
  const { ticket, expiresAt } = await ticketOffice.give(verifiedToken);
  return answerJson(200, { ticket, expiresAt: new Date(expiresAt).toISOString() });
}

/** The open streams of the caller's workspace; the JSON is the contract's. Times in milliseconds. */
async function stats({ principal }: AuthenticatedEvent): Promise<Answer> {
  const open = await service.list(principal);
  const now = Date.now();
  const connections = open.map(({ id, user, connectedAt }) => ({
    id,
    userId: user,
    connectedAt,
    duration: Math.max(0, now - connectedAt),
  }));
  return answerJson(200, { totalConnections: connections.length, connections });
}

async function disconnect(event: AuthenticatedEvent): Promise<Answer> {
  await service.disconnect(event.principal, readConnectionId(event));
  return answerJson(200, { success: true });
}

async function renewLease(event: AuthenticatedEvent): Promise<Answer> {
  const connectionId = readConnectionId(event);
  const { lease, expiresAt } = await service.renewLease(event.principal, connectionId);
  return answerJson(200, { connectionId, lease, expiresAt: new Date(expiresAt).toISOString() });
}

async function end(event: AuthenticatedEvent): Promise<Answer> {
  await service.end(event.principal, connectionIdOfPath(event));
  return answerJson(200, { success: true });
}

async function revoke(event: AuthenticatedEvent): Promise<Answer> {
  const userId = readUserId(event);
  const { notBefore, connectionsEnded } = await service.revoke(event.principal, userId);
  return answerJson(200, { userId, notBefore: new Date(notBefore).toISOString(), connectionsEnded });
}

/**
 * What the HTTP API does about streams, and whatever else is under `/sse`; the streams themselves are served by
 * `lambdas/stream`.
 */
const serve = middy<AuthenticatedEvent, Answer>()
  .use(answerErrors(observer))
  .use(unifyPath())
  .use(answerPreflight())
  .use(authenticate(tokens, environment.TOKEN_HEADER, tokenInBodyOf([paths.disconnect, paths.lease])))
  .handler(
    routerOf(connectionRoutes, {
      [paths.ticket]: { POST: giveTicket },
      [paths.stats]: { GET: stats },
      [paths.disconnect]: { POST: disconnect },
      [paths.lease]: { POST: renewLease },
      [paths.connection]: { DELETE: end },
      [paths.revocations]: { POST: revoke },
    }),
  );

export const handler = observed(signals, correlated(signals.correlate, serve));
