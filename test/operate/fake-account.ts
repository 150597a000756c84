import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json, text } from 'node:stream/consumers';

type Body = Readonly<Record<string, unknown>>;

/** An operation of a service that speaks JSON, and what it answers; or one of Lambda, by method and path. */
export type Answers = Readonly<Record<string, (input: Body) => Body>>;

/**
 * An account as far as the experiments ask it: the protocols of its services, and for each operation an answer. It was
 * made by AWS's documents and the SDK's models, not by what AWS has answered.
 */
export class FakeAccount {
  /** The operations that were asked for, with their input. */
  readonly asked: Array<{ readonly operation: string; readonly input: Body }> = [];
  readonly #answers: Answers;
  readonly #server: Server;

  private constructor(answers: Answers) {
    this.#answers = answers;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(answers: Answers): Promise<FakeAccount> {
    const fake = new FakeAccount(answers);
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  /** The environment of whoever is signed in to it. */
  get environment(): Readonly<Record<string, string>> {
    return {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'taskwire',
      AWS_SECRET_ACCESS_KEY: 'local',
    };
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = String(request.headers['x-amz-target'] ?? '')
      .split('.')
      .at(-1)!;
    const { pathname } = new URL(request.url!, 'http://localhost');
    const isForm = String(request.headers['content-type']).includes('x-www-form-urlencoded');
    if (isForm) return this.#answerQuery(new URLSearchParams(await text(request)), response);
    const body =
      request.method === 'GET' || request.method === 'DELETE' ? {} : ((await json(request)) as Body);
    const operation = target || `${request.method} ${pathname}`;
    this.asked.push({ operation, input: body });
    const answer = this.#answers[operation];
    if (answer === undefined) {
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ __type: 'UnknownOperationException', message: operation }));
      return;
    }
    response
      .writeHead(200, { 'content-type': 'application/x-amz-json-1.1' })
      .end(JSON.stringify(answer(body)));
  }

  /** CloudFormation, which speaks XML: each answer is the content of its result. */
  #answerQuery(form: URLSearchParams, response: ServerResponse): void {
    const operation = form.get('Action')!;
    const input = Object.fromEntries(form);
    this.asked.push({ operation, input });
    const { xml = '' } = this.#answers[operation]?.(input) ?? {};
    response.end(
      `<${operation}Response><${operation}Result>${String(xml)}</${operation}Result></${operation}Response>`,
    );
  }
}
