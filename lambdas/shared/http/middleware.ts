import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Principal } from '../../../core/subscription/principal.ts';
import { findToken, TokenRefused } from '../../../core/identity/token.ts';
import type { TokenVerifier, VerifiedToken } from '../auth/verifier.ts';
import type { Answer } from './answer.ts';
import { answerFailure } from './failure.ts';
import { pathOf } from './path.ts';
import type { RefusalObserver } from './refusal-of.ts';

/** A request whose token was verified. */
export interface AuthenticatedEvent extends APIGatewayProxyEventV2 {
  principal: Principal;
  /** That of the principal. */
  verifiedToken: VerifiedToken;
  /** What the request is called, in logs, in its answer and in the events that tell of it. */
  correlationId: string;
}

/** Lets the routes know each path in one form, whatever stage of the API it came by, with a slash at its end or without. */
export function unifyPath(): MiddlewareObj<APIGatewayProxyEventV2, Answer> {
  return {
    before: ({ event }) => {
      const path = pathOf(event);
      event.rawPath = path;
      event.requestContext.http.path = path;
    },
  };
}

/**
 * Answers OPTIONS, which comes without a token. API Gateway adds the CORS headers; it asks the function at all because
 * some of its routes take every method.
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
 * Refuses requests without a good token; puts it and its principal on the event of all others.
 * @param tokenHeader name in lower case of the only header that counts as the caller's `Authorization`.
 * @param tokenInBody for requests without that header: finds the token in the body.
 */
export function authenticate(
  verifier: TokenVerifier,
  tokenHeader: string,
  tokenInBody?: (event: APIGatewayProxyEventV2) => string | undefined,
): MiddlewareObj<AuthenticatedEvent, Answer> {
  return {
    before: async ({ event }) => {
      const header = event.headers[tokenHeader];
      const found = findToken(header, header === undefined ? tokenInBody?.(event) : undefined);
      if (typeof found === 'string') throw new TokenRefused(found);
      event.verifiedToken = await verifier.verify(found.token);
      event.principal = event.verifiedToken.principal;
    },
  };
}

/** Turns whatever was thrown into an answer; what nobody foresaw is told to the observer and becomes a plain 500. */
export function answerErrors(observer: RefusalObserver): MiddlewareObj<APIGatewayProxyEventV2, Answer> {
  return {
    onError: (request) => {
      request.response = answerFailure(request.error, observer);
    },
  };
}
