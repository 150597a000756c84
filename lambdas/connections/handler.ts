import middy from '@middy/core';
import httpRouter from '@middy/http-router';
import { ConnectionStore } from '../aws/connection-store.ts';
import { createDocumentClient } from '../aws/dynamodb.ts';
import { Environment, tokenSettings } from '../aws/environment.ts';
import { createTokenVerifier } from '../aws/verifier.ts';
import type { Answer } from '../http/answer.ts';
import { answerJson, HttpError } from '../http/answer.ts';
import type { AuthenticatedEvent } from '../http/middleware.ts';
import { answerErrors, authenticate } from '../http/middleware.ts';

const environment = new Environment();
const verifier = createTokenVerifier(tokenSettings(environment));
const store = new ConnectionStore(createDocumentClient(), environment.text('CONNECTIONS_TABLE'));

/** The open streams of the caller's workspace; the JSON is the contract's. Times in milliseconds. */
async function stats({ principal }: AuthenticatedEvent): Promise<Answer> {
  if (!principal.admin) {
    throw new HttpError(
      403,
      'forbidden',
      'only admins may see the connections: ask one, or use a token with the admin claim',
    );
  }
  const now = Date.now();
  const connections = (await store.list(principal.workspace, now)).map(({ id, user, connectedAt }) => ({
    id,
    userId: user,
    connectedAt,
    duration: Math.max(0, now - connectedAt),
  }));
  return answerJson(200, { totalConnections: connections.length, connections });
}

/** What the HTTP API says about streams; the streams themselves are served by `lambdas/stream`. */
export const handler = middy<AuthenticatedEvent, Answer>()
  .use(answerErrors())
  .use(authenticate(verifier, environment.text('TOKEN_HEADER')))
  .handler(httpRouter([{ method: 'GET', path: '/sse/stats', handler: stats }]));
