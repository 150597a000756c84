import { randomBytes } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { LocalStack, LocalStackOptions } from '../../local/stack.ts';
import { startLocalStack } from '../../local/stack.ts';
import type { LogLine } from '../../local/functions/function-process.ts';
import { recordUse } from '../../tools/iam/use.ts';
import { failOnLeaks, inspectLog, rememberTicket, rememberToken } from '../secrets/log-watch.ts';
import { failOnMismatchesAtEnd, inspectExchange, watchTraffic } from '../traffic/watch.ts';
import { StreamClient } from './stream-client.ts';

/** Who asks: a user of a workspace of the test's own. */
export interface Who {
  readonly sub: string;
  readonly workspace?: string;
  readonly admin?: boolean;
  readonly expiresIn?: number;
}

/** An answer of the HTTP API. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- the tests look at the JSON as a client would
  readonly body: any;
}

/**
 * Streams whose clients have gone poll on until their sessions end, and tests leave many behind: at the local stage's 20 ms
 * these are most of what a run of the tests computes. Those that wait for an event still find it within a tenth of a second.
 */
const unhurriedPolls = { POLL_MAX_MS: '100' };

/** Whether a line tells of what should not be: of a function in its own words, or of the stack itself. */
function isTrouble({ functionName, text }: LogLine): boolean {
  return functionName === 'stack' || /"level":\s*"(WARN|ERROR)"/.test(text);
}

/** A local stack for a test file, on the database that DYNAMODB_ENDPOINT names or on the embedded one. */
export class TestStack {
  readonly local: LocalStack;
  /** The tables as a script or the console reaches them. */
  readonly database: DynamoDBDocumentClient;
  /** What it has said of trouble, for whoever fails and cannot say why. */
  readonly troubles: readonly string[];
  readonly #streams: StreamClient[] = [];
  /** Begin of the names of all that the stack has, when its use of permissions is to be noted. */
  readonly #recordedPrefix: string | undefined;

  private constructor(local: LocalStack, troubles: readonly string[], recordedPrefix: string | undefined) {
    this.local = local;
    this.troubles = troubles;
    this.#recordedPrefix = recordedPrefix;
    const marshallOptions = { removeUndefinedValues: true };
    this.database = DynamoDBDocumentClient.from(new DynamoDBClient(local.clientConfiguration), {
      marshallOptions,
    });
  }

  /**
   * Starts a stack from the template that the run's global setup has synthesized. What its functions use of their
   * permissions is noted where TASKWIRE_IAM_USAGE says, unless the test brings a template or a prefix of its own.
   */
  static async start(options: Partial<LocalStackOptions> = {}): Promise<TestStack> {
    const assembly = process.env['TASKWIRE_TEMPLATE_DIRECTORY'];
    if (!assembly) throw new Error('TASKWIRE_TEMPLATE_DIRECTORY is not set: run through npm test');
    const prefix = `test-${randomBytes(4).toString('hex')}`;
    const troubles: string[] = [];
    const local = await startLocalStack({
      assembly,
      port: 0,
      databaseEndpoint: process.env['DYNAMODB_ENDPOINT'],
      prefix,
      ...options,
      environment: { ...unhurriedPolls, ...options.environment },
      onLog: (line) => {
        inspectLog(line.functionName, line.text);
        if (isTrouble(line)) troubles.push(`${line.functionName}: ${line.text}`);
        options.onLog?.(line);
      },
    });
    await watchTraffic(local.port);
    const isRecorded = options.assembly === undefined && options.prefix === undefined;
    return new TestStack(withRememberedTokens(local), troubles, isRecorded ? prefix : undefined);
  }

  /**
   * Ends all streams and the stack.
   * @throws {Error} for a secret in what the stack has logged, to its last line, and for traffic that the documents of the
   *   API do not have.
   */
  async close(): Promise<void> {
    for (const stream of this.#streams) stream.cut();
    this.database.destroy();
    await this.local.close();
    const directory = process.env['TASKWIRE_IAM_USAGE'];
    if (directory !== undefined && this.#recordedPrefix !== undefined) {
      recordUse(directory, this.#recordedPrefix, this.local.decisions());
    }
    failOnLeaks();
    failOnMismatchesAtEnd();
  }

  /** A request to the HTTP API with a token of `who`. */
  async request(
    who: Who,
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answered> {
    const authorization = `Bearer ${await this.local.issuer.sign(who)}`;
    return this.send(method, path, {
      headers: {
        authorization,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  }

  /** A request as it is. */
  async send(method: string, path: string, init: RequestInit = {}): Promise<Answered> {
    const response = await fetch(`${this.local.url}${path}`, { ...init, method });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json');
    const { status, headers } = response;
    const answered = { status, headers, body: json ? (JSON.parse(text) as unknown) : text };
    inspectExchange({
      method,
      path,
      sent: typeof init.body === 'string' ? init.body : undefined,
      ...answered,
    });
    return answered;
  }

  /** Opens a stream and waits for its first frame. */
  async connect(
    who: Who,
    query: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<StreamClient> {
    return this.open(await this.local.issuer.sign(who), query, headers);
  }

  /** As `connect`, with a token that the test has. */
  async open(
    token: string,
    query: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<StreamClient> {
    return this.openWith({ token, ...query }, headers);
  }

  /** A ticket for a token. */
  async ticketFor(token: string): Promise<string> {
    const headers = { authorization: `Bearer ${token}` };
    const { status, body } = await this.send('POST', '/sse/ticket', { headers });
    if (status !== 200) throw new Error(`no ticket: ${status} ${body.code}`);
    rememberTicket(body.ticket as string);
    return body.ticket as string;
  }

  /** As `connect`, with a ticket that the test has. */
  async openByTicket(
    ticket: string,
    query: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<StreamClient> {
    return this.openWith({ ticket, ...query }, headers);
  }

  /** Opens a stream with this query, and waits for its first frame. */
  async openWith(
    query: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<StreamClient> {
    const parameters = new URLSearchParams(query);
    const stream = await StreamClient.open(`${this.local.url}/sse/connect?${parameters}`, headers);
    this.#streams.push(stream);
    await stream.until((frames) => frames.length > 0);
    return stream;
  }
}

/** The stack, whose issuer lets the watch over the logs know each token that it signs. */
function withRememberedTokens(local: LocalStack): LocalStack {
  const sign: LocalStack['issuer']['sign'] = async (...request) => {
    const token = await local.issuer.sign(...request);
    rememberToken(token);
    return token;
  };
  return { ...local, issuer: { ...local.issuer, sign } };
}
