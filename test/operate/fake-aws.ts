import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** CloudFormation and S3 as far as a redrive asks them: one stack, one bucket. Pages hold one object each. */
export class FakeAws {
  readonly objects = new Map<string, string>();
  readonly #outputs: Readonly<Record<string, string>>;
  readonly #bucket: string;
  readonly #server: Server;

  private constructor(outputs: Readonly<Record<string, string>>, bucket: string) {
    this.#outputs = outputs;
    this.#bucket = bucket;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** Starts it with the stack `Taskwire-dev`, its outputs, and an empty bucket. */
  static async start(outputs: Readonly<Record<string, string>>, bucket: string): Promise<FakeAws> {
    const fake = new FakeAws(outputs, bucket);
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url!, this.url);
    const [, bucket, ...rest] = decodeURIComponent(pathname).split('/');
    const name = rest.join('/');
    const send = (status: number, body: string): void => void response.writeHead(status).end(body);
    if (pathname === '/') return this.#describe(new URLSearchParams(await text(request)), send);
    if (bucket !== this.#bucket) return send(404, '<Error><Code>NoSuchBucket</Code></Error>');
    if (name === '') return this.#list(searchParams, send);
    const source = request.headers['x-amz-copy-source'];
    if (request.method === 'PUT' && typeof source === 'string') {
      this.objects.set(name, this.objects.get(decodeURIComponent(source).slice(bucket.length + 1))!);
      return send(200, '<CopyObjectResult><ETag>"x"</ETag></CopyObjectResult>');
    }
    if (request.method === 'DELETE') {
      this.objects.delete(name);
      return send(204, '');
    }
    const body = this.objects.get(name);
    return body === undefined ? send(404, '<Error><Code>NoSuchKey</Code></Error>') : send(200, body);
  }

  #describe(form: URLSearchParams, send: (status: number, body: string) => void): void {
    if (form.get('StackName') !== 'Taskwire-dev') {
      const message = `Stack with id ${form.get('StackName')} does not exist`;
      return send(
        400,
        `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>${message}</Message></Error></ErrorResponse>`,
      );
    }
    const outputs = Object.entries(this.#outputs).map(
      ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
    );
    send(
      200,
      `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><Outputs>${outputs.join('')}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`,
    );
  }

  #list(query: URLSearchParams, send: (status: number, body: string) => void): void {
    const after = query.get('continuation-token') ?? '';
    const names = [...this.objects.keys()]
      .filter((name) => name.startsWith(query.get('prefix') ?? '') && name > after)
      .toSorted();
    const [first] = names;
    const contents = first === undefined ? '' : `<Contents><Key>${first}</Key></Contents>`;
    const next = names.length > 1 ? `<NextContinuationToken>${first}</NextContinuationToken>` : '';
    send(
      200,
      `<ListBucketResult><IsTruncated>${names.length > 1}</IsTruncated>${next}${contents}</ListBucketResult>`,
    );
  }
}
