import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { rememberToken } from '../secrets/log-watch.ts';
import type { TestStack } from './stack.ts';

/** A server on the loopback interface, on a port of its own. */
async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** What the canary signs in with; such a secret must be encoded on its way. */
const client = { clientId: 'canary', clientSecret: 'a secret of the canary: +/=%' };

/** Gives tokens for the grant `client_credentials`, to the client of the canary alone. */
export class TokenEndpoint {
  /** How many tokens it has given. */
  given = 0;
  /** Whether it answers at all. */
  isUp = true;
  readonly credential: string;
  readonly #server: Server;

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.credential = JSON.stringify({
      kind: 'oauth',
      tokenEndpoint: `${url}/token`,
      grantType: 'client_credentials',
      ...client,
    });
    rememberToken(client.clientSecret);
  }

  /** @param sign makes a token for the canary's user. */
  static async start(sign: () => Promise<string>): Promise<TokenEndpoint> {
    const server = createServer((asked, response) => {
      if (endpoint.isUp) void endpoint.#answer(asked, response, sign);
      else asked.socket.destroy();
    });
    const endpoint: TokenEndpoint = new TokenEndpoint(server, await listen(server));
    return endpoint;
  }

  close(): Promise<void> {
    return close(this.#server);
  }

  /** Source: RFC 6749, 2.3.1 and 4.4. */
  async #answer(
    asked: IncomingMessage,
    response: ServerResponse,
    sign: () => Promise<string>,
  ): Promise<void> {
    const encode = (value: string): string => new URLSearchParams({ '': value }).toString().slice(1);
    const known = Buffer.from(`${encode(client.clientId)}:${encode(client.clientSecret)}`).toString('base64');
    const form = new URLSearchParams(await text(asked));
    const isKnown = asked.headers.authorization === `Basic ${known}`;
    const isGood = isKnown && form.get('grant_type') === 'client_credentials';
    if (isGood) this.given += 1;
    const answer = isGood
      ? { access_token: await sign(), token_type: 'Bearer', expires_in: 3600 }
      : { error: isKnown ? 'unsupported_grant_type' : 'invalid_client' };
    response
      .writeHead(isGood ? 200 : 400, { 'content-type': 'application/json' })
      .end(JSON.stringify(answer));
  }
}

/** What becomes of a request on its way to the API: its answer is lost, or it is refused with this status. */
export type Loss = 'answer' | number;

/** The API as the canary reaches it, with what happens to requests on the way. */
export class LossyApi {
  readonly url: string;
  /** Method and status of each answer of the API, and whether it was the one to an earlier request. */
  readonly answers: string[] = [];
  /** Says what becomes of a request; undefined lets it pass. */
  lose: (method: string, path: string) => Loss | undefined = () => undefined;
  readonly #server: Server;

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
  }

  /** @param api gives the address of the API. */
  static async start(api: () => string): Promise<LossyApi> {
    const server = createServer((asked, response) => void front.#pass(asked, response, api()));
    const front: LossyApi = new LossyApi(server, await listen(server));
    return front;
  }

  close(): Promise<void> {
    return close(this.#server);
  }

  async #pass(asked: IncomingMessage, response: ServerResponse, api: string): Promise<void> {
    const { method = '', url: path = '', headers } = asked;
    const body = await buffer(asked);
    const loss = this.lose(method, path);
    if (typeof loss === 'number') return void response.writeHead(loss).end('{}');
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request(new URL(path, api), { method, headers: { ...headers, host: new URL(api).host } }, resolve)
        .once('error', reject)
        .end(body);
    });
    const answered = await buffer(answer);
    const replayed = answer.headers['idempotency-replayed'] === undefined ? '' : ' again';
    this.answers.push(`${method} ${answer.statusCode}${replayed}`);
    if (loss === 'answer') asked.socket.destroy();
    else response.writeHead(answer.statusCode!, answer.headers).end(answered);
  }
}

/** The names of all tasks that the table has, whosesoever they are, in order. */
export async function allTasks(stack: TestStack): Promise<string[]> {
  const { Items: items = [] } = await stack.database.send(
    new ScanCommand({ TableName: stack.local.tables['tasks'], ConsistentRead: true }),
  );
  // Item 0 of a partition is a counter or an idempotency record.
  return items
    .filter(({ id }) => id !== 0)
    .map(({ name }) => String(name))
    .toSorted();
}
