import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** A user of the pool. */
export interface FakeUser {
  readonly attributes: readonly { readonly Name: string; readonly Value: string }[];
  password?: string;
  messageAction?: string;
}

interface Input {
  readonly UserPoolId: string;
  readonly ClientId: string;
  readonly Username: string;
  readonly Password: string;
  readonly MessageAction: string;
  readonly UserAttributes: FakeUser['attributes'];
  readonly AuthFlow: string;
  readonly AuthParameters: Readonly<Record<string, string>>;
  readonly Name: string;
}

/** A fault as both services answer it. */
class Fault extends Error {}

/** Cognito and Systems Manager, as far as the canary and its command ask them: one user pool, and parameters. */
export class FakeUserPool {
  readonly users = new Map<string, FakeUser>();
  readonly parameters = new Map<string, Readonly<Record<string, unknown>>>();
  /** What the pool asks of users besides their passwords. */
  challenge: string | undefined;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<FakeUserPool> {
    const fake = new FakeUserPool();
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  /** By what the SDK finds it. */
  get environment(): Readonly<Record<string, string>> {
    const url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return { AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: url, AWS_ENDPOINT_URL_SSM: url };
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, operation = ''] = String(request.headers['x-amz-target']).split('.');
    const input = (await json(request)) as Input;
    let status = 200;
    let answer: object;
    try {
      answer = this.#do(operation, input);
    } catch (error) {
      status = 400;
      answer = { __type: (error as Error).message, message: 'as the service says it' };
    }
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answer));
  }

  #do(operation: string, input: Input): object {
    switch (operation) {
      case 'PutParameter':
        this.parameters.set(input.Name, { ...input });
        return { Version: 1 };
      case 'AdminCreateUser':
        if (this.users.has(input.Username)) throw new Fault('UsernameExistsException');
        this.users.set(input.Username, {
          attributes: input.UserAttributes,
          messageAction: input.MessageAction,
        });
        return {};
      case 'AdminGetUser':
        return { Username: input.Username, UserAttributes: this.#user(input.Username).attributes };
      case 'AdminSetUserPassword':
        this.#user(input.Username).password = input.Password;
        return {};
      case 'AdminInitiateAuth':
        return this.#signIn(input);
      default:
        throw new Fault('UnknownOperationException');
    }
  }

  #signIn({ UserPoolId: pool, ClientId: client, AuthFlow: flow, AuthParameters: given }: Input): object {
    if (flow !== 'ADMIN_USER_PASSWORD_AUTH') throw new Fault('InvalidParameterException');
    if (this.#user(given['USERNAME']!).password !== given['PASSWORD'])
      throw new Fault('NotAuthorizedException');
    if (this.challenge !== undefined) return { ChallengeName: this.challenge };
    return { AuthenticationResult: { IdToken: `${given['USERNAME']} of ${client} in ${pool}` } };
  }

  #user(name: string): FakeUser {
    const user = this.users.get(name);
    if (user === undefined) throw new Fault('UserNotFoundException');
    return user;
  }
}
