import { Agent, request } from 'node:http';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { localRegion } from '../template/stack-template.ts';

/** An answer of the database as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** An error answer of the database; `name` is its code, such as `ResourceInUseException`. */
export class DatabaseError extends Error {
  constructor(code: string, message: string) {
    super(message);
    this.name = code;
  }
}

/**
 * The access key that every request reaches the database with. It must always be the same: AWS's DynamoDB Local
 * without -sharedDb keeps one database for each access key and region.
 */
export const databaseAccessKeyId = 'taskwire';

/** The Authorization header that servers which do not check signatures ask for. */
export const databaseAuthorization = `AWS4-HMAC-SHA256 Credential=${databaseAccessKeyId}/20260101/${localRegion}/dynamodb/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature=0`;

/**
 * A connection pool to a DynamoDB-compatible server, with full rights: for the stack's own work (tables, TTL, stream
 * polling) and for the policy proxy, which decides before it forwards.
 */
export class DatabaseClient {
  readonly endpoint: string;
  readonly #url: URL;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 128 });

  /** @param endpoint such as `http://127.0.0.1:8000` */
  constructor(endpoint: string) {
    this.endpoint = endpoint;
    this.#url = new URL(endpoint);
  }

  /** Sends one request as it is and gives the answer as it is. Fails only when there is no answer. */
  send(headers: OutgoingHttpHeaders, body: Buffer | string): Promise<RawAnswer> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          agent: this.#agent,
          hostname: this.#url.hostname,
          port: this.#url.port,
          method: 'POST',
          path: '/',
          headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('error', reject);
          answer.on('end', () => {
            const whole = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
            resolve({ status: answer.statusCode ?? 500, headers: answer.headers, body: whole });
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  /**
   * Calls one operation of the low-level API, in its own JSON: attribute values keep their type names.
   * @param target such as `DynamoDB_20120810.CreateTable`.
   * @throws {DatabaseError} with the server's code.
   */
  async call<Output>(target: string, input: object): Promise<Output> {
    const answer = await this.send(
      {
        authorization: databaseAuthorization,
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-date': '20260101T000000Z',
        'x-amz-target': target,
      },
      JSON.stringify(input),
    );
    const output: unknown = JSON.parse(answer.body.toString('utf8'));
    if (answer.status === 200) return output as Output;
    // Which of the two spellings it is differs by operation.
    const { ['__type']: type, message, Message } = output as Readonly<Record<string, string | undefined>>;
    throw new DatabaseError(
      type?.split('#').at(-1) ?? `HTTP ${answer.status}`,
      message ?? Message ?? `${target} failed`,
    );
  }

  /** Closes idle connections. */
  close(): void {
    this.#agent.destroy();
  }
}
