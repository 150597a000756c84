import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { rememberToken } from '../secrets/log-watch.ts';
import type { TestStack } from './stack.ts';

/** What the canary signs in with. */
export const canaryClient = { clientId: 'canary', clientSecret: 'a secret of the canary: +/=' };

/** Gives tokens for the grant `client_credentials`, to the client of the canary alone. */
export class TokenEndpoint {
  /** How often it was asked. */
  asked = 0;
  /** Whether it answers at all. */
  isUp = true;
  readonly #server: Server;
  readonly #sign: () => Promise<string>;

  private constructor(sign: () => Promise<string>) {
    this.#sign = sign;
    this.#server = createServer((request, response) => {
      this.asked += 1;
      if (!this.isUp) return void request.socket.destroy();
      void text(request).then(async (body) => {
        const { status, answer } = await this.#answer(request.headers.authorization, body);
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      });
    });
    rememberToken(canaryClient.clientSecret);
  }

  static async start(sign: () => Promise<string>): Promise<TokenEndpoint> {
    const endpoint = new TokenEndpoint(sign);
    await new Promise<void>((resolve) => endpoint.#server.listen(0, '127.0.0.1', resolve));
    return endpoint;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/token`;
  }

  /** What an operator stores for the canary. */
  get credential(): string {
    const credential = { kind: 'oauth', tokenEndpoint: this.url, grantType: 'client_credentials' };
    return JSON.stringify({ ...credential, ...canaryClient });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Source: RFC 6749, 2.3.1 and 4.4. */
  async #answer(
    authorization: string | undefined,
    body: string,
  ): Promise<{ readonly status: number; readonly answer: object }> {
    const { clientId, clientSecret } = canaryClient;
    const encode = (value: string): string =>
      new URLSearchParams({ value }).toString().slice('value='.length);
    const expected = Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString('base64');
    if (authorization !== `Basic ${expected}`) return { status: 401, answer: { error: 'invalid_client' } };
    if (new URLSearchParams(body).get('grant_type') !== 'client_credentials')
      return { status: 400, answer: { error: 'unsupported_grant_type' } };
    return {
      status: 200,
      answer: { access_token: await this.#sign(), token_type: 'Bearer', expires_in: 3600 },
    };
  }
}

/** Names of all tasks that the table has, whosesoever they are. */
export async function allTasks(stack: TestStack): Promise<string[]> {
  const { Items: items = [] } = await stack.database.send(
    new ScanCommand({ TableName: stack.local.tables['tasks'], ConsistentRead: true }),
  );
  // Item 0 of a partition is a counter or an idempotency record.
  return items.filter(({ id }) => id !== 0).map(({ name }) => String(name));
}
