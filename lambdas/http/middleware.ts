import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Principal } from '../../core/principal.ts';
import { findToken, TOKEN_FAULTS } from '../../core/token.ts';
import { isThrottle } from '../aws/dynamodb.ts';
import type { TokenVerifier } from '../aws/verifier.ts';
import { IssuerUnavailable, TokenRefused } from '../aws/verifier.ts';
import type { Answer } from './answer.ts';
import { answerError, answerUnauthorized, HttpError } from './answer.ts';

/** A request whose token was verified. */
export interface AuthenticatedEvent extends APIGatewayProxyEventV2 {
  principal: Principal;
}

/**
 * Answers OPTIONS, which comes without a token. API Gateway adds the CORS headers; it asks the function at all because
 * the `$default` route takes every method.
 */
export function answerPreflight(): MiddlewareObj<APIGatewayProxyEventV2, Answer> {
  return {
    before: ({ event }) =>
      event.requestContext.http.method === 'OPTIONS'
        ? { statusCode: 204, headers: { 'cache-control': 'no-store' } }
        : undefined,
  };
}

/**
 * Refuses requests without a good token; puts the principal on the event of all others.
 * @param tokenHeader name in lower case of the only header that counts as the caller's `Authorization`.
 */
export function authenticate(
  verifier: TokenVerifier,
  tokenHeader: string,
): MiddlewareObj<AuthenticatedEvent, Answer> {
  return {
    before: async ({ event }) => {
      const found = findToken(event.headers[tokenHeader], undefined);
      if (typeof found === 'string') throw new TokenRefused(found);
      event.principal = (await verifier.verify(found.token)).principal;
    },
  };
}

/** Turns whatever was thrown into an answer; what nobody foresaw is logged and becomes a plain 500. */
export function answerErrors(): MiddlewareObj<APIGatewayProxyEventV2, Answer> {
  return {
    onError: (request) => {
      request.response = answerFor(request.error);
    },
  };
}

function answerFor(error: unknown): Answer {
  if (error instanceof HttpError) return answerError(error.status, error.code, error.message, error.headers);
  if (error instanceof TokenRefused) return answerUnauthorized(error.fault, TOKEN_FAULTS[error.fault]);
  if (error instanceof IssuerUnavailable) {
    console.warn({ message: error.message, cause: String(error.cause) });
    const advice = 'the token issuer cannot be reached: try again in a few seconds';
    return answerError(503, 'unavailable', advice, { 'retry-after': '5' });
  }
  if (isThrottle(error)) {
    return answerError(429, 'throttled', 'too many requests right now: try again in a second', {
      'retry-after': '1',
    });
  }
  console.error({ message: 'request failed', error });
  return answerError(
    500,
    'internal',
    'something went wrong on the server: try again, and tell the operator if it stays',
  );
}
