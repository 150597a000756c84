import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';

/** Requests under way at a time; one change may be for all sockets of a workspace. */
const mostSockets = 256;

/**
 * The client of the management endpoint of a WebSocket API, once a process. Its time limits are short: whoever pushes to
 * many must not wait for one. By itself it tries twice in all, for connections to the endpoint that broke while nobody used
 * them: a push that got no answer may have been delivered, so that the second one can bring a frame again.
 * @param endpoint address of the stage, such as `https://<api>.execute-api.<region>.amazonaws.com/ws`.
 * @param maxAttempts how often it tries in all.
 */
export function createManagementClient(endpoint: string, maxAttempts = 2): ApiGatewayManagementApiClient {
  const agent = { maxSockets: mostSockets, keepAlive: true };
  return new ApiGatewayManagementApiClient({
    endpoint,
    maxAttempts,
    requestHandler: {
      httpAgent: agent,
      httpsAgent: agent,
      connectionTimeout: 1000,
      requestTimeout: 3000,
      throwOnRequestTimeout: true,
    },
  });
}

/**
 * Whether the connection is not there: it has ended, or its `$connect` has not returned yet.
 * Source: "How do I troubleshoot 410 GoneException errors with API Gateway WebSocket APIs?", AWS re:Post.
 */
export function isGone(error: unknown): boolean {
  return error instanceof Error && error.name === 'GoneException';
}

/** Whether the connection to the endpoint broke before there was an answer; a time limit that has passed is something else. */
export function isBroken(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === 'ECONNRESET' || code === 'EPIPE';
}

/**
 * What a function does with the open connections of a WebSocket API. Load is refused with `LimitExceededException`, which
 * `isThrottle` knows: too many requests, or a client that does not read.
 * Source: PostToConnection, API Gateway Management API reference.
 */
export class Sockets {
  readonly #client: Pick<ApiGatewayManagementApiClient, 'send'>;

  constructor(client: Pick<ApiGatewayManagementApiClient, 'send'>) {
    this.#client = client;
  }

  /**
   * Sends a message; when it was taken, nobody knows yet whether it arrives.
   * @param text 128 KB at the most.
   * @returns false where the connection is gone.
   * @throws what the client throws for all else.
   */
  send(connectionId: string, text: string): Promise<boolean> {
    return unlessGone(
      this.#client.send(
        new PostToConnectionCommand({ ConnectionId: connectionId, Data: Buffer.from(text, 'utf8') }),
      ),
    );
  }

  /**
   * Closes a connection; its client sees the code 1000, whatever the reason.
   * @returns false where it is gone.
   * @throws what the client throws for all else.
   */
  end(connectionId: string): Promise<boolean> {
    return unlessGone(this.#client.send(new DeleteConnectionCommand({ ConnectionId: connectionId })));
  }
}

async function unlessGone(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}
