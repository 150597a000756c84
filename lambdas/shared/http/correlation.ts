import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { correlationHeader } from '../../../protocol/headers.ts';
import { correlationIdPattern } from '../../../protocol/patterns.ts';
import type { Answer } from './answer.ts';
import type { AuthenticatedEvent } from './middleware.ts';

/** What a request is called: as it calls itself, or else as API Gateway does, whose access log has that. */
function correlationIdOf({ headers, requestContext }: APIGatewayProxyEventV2): string {
  const own = headers[correlationHeader] ?? '';
  return correlationIdPattern.test(own) ? own : requestContext.requestId;
}

/**
 * Names each request of a handler in its event, in its answer, and in what is logged meanwhile.
 * @param noted hears the name before anything else happens.
 */
export function correlated(
  noted: (correlationId: string) => void,
  serve: (event: AuthenticatedEvent, context: Context) => Promise<Answer>,
): (event: AuthenticatedEvent, context: Context) => Promise<Answer> {
  return async (event, context) => {
    const correlationId = correlationIdOf(event);
    event.correlationId = correlationId;
    noted(correlationId);
    const answer = await serve(event, context);
    return { ...answer, headers: { ...answer.headers, [correlationHeader]: correlationId } };
  };
}
