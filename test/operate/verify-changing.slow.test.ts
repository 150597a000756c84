import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { smallChunk } from '../../local/functions/held-chunks.ts';
import type { Aws } from '../../operate/verify-account/aws/aws.ts';
import { failedBatch } from '../../operate/verify-account/changing/failed-batch.ts';
import { padding } from '../../operate/verify-account/changing/padding.ts';
import { silence } from '../../operate/verify-account/changing/silence.ts';
import type { Context } from '../../operate/verify-account/context.ts';
import type { Finding } from '../../operate/verify-account/experiment.ts';
import { coldStarts } from '../../operate/verify-account/on-aws/cold-starts.ts';
import { ownAddress } from '../../operate/verify-account/on-aws/own-address.ts';
import { Deployment } from '../../tools/smoke/deployment.ts';
import { TestStack } from '../end-to-end/stack.ts';
import { invocationRecord, MemoryBatches } from './batch-samples.ts';
import { fastClock, stackContext, stageFacts } from './experiment-context.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start();
});
afterAll(() => stack.close());

/** Lambda for the functions of a stack: a variable that is set is taken by a new process. */
class StackLambda {
  readonly log: string[] = [];
  readonly #stack: TestStack;

  constructor(of: TestStack = stack) {
    this.#stack = of;
  }

  readonly aws: Partial<Aws> = {
    changeEnvironment: async (name, variables) => {
      const { process } = this.#stack.local.functions.find((each) => each.name === name)!;
      const environment = process.settings.environment as Record<string, string>;
      const before = { ...environment };
      const set = async (values: Readonly<Record<string, string>>): Promise<void> => {
        Object.assign(environment, values);
        for (const key of Object.keys(variables)) this.log.push(`${key}=${environment[key]}`);
        await process.crash();
        await process.start();
      };
      await set(variables);
      return () => set(before);
    },
    stopFanOut: async () => {
      this.log.push('stopped');
      return async () => void this.log.push('put back');
    },
  };
}

function contextWith(aws: Partial<Aws>, workspace: string, more: Partial<Context> = {}): Promise<Context> {
  return stackContext(stack, workspace, { aws: aws as Aws, clock: fastClock(10), ...more });
}

describe('the padding that is needed', () => {
  it('is found where chunks are held, and the setting is put back', async () => {
    const holding = await TestStack.start({
      holdChunksBelow: smallChunk,
      environment: { PADDING_BYTES: '0' },
    });
    const lambda = new StackLambda(holding);
    try {
      const context = await stackContext(holding, 'padding', {
        aws: lambda.aws as Aws,
        clock: fastClock(2),
        stage: { ...stageFacts, pollMaxMs: 100, paddingBytes: 0 },
      });
      expect(await padding.run(context)).toEqual({
        verdict: 'differs',
        found: '3 bytes are enough; the stage has 0',
        measured: { 'enough, bytes': 3 },
      });
    } finally {
      await holding.close();
    }
    expect(lambda.log.map((each) => each.slice('PADDING_BYTES='.length))).toEqual(['0', '0', '3', '0']);
  });

  it('is none where nothing is held', async () => {
    const lambda = new StackLambda();
    expect(
      await padding.run(await contextWith(lambda.aws, 'unpadded', { clock: fastClock(1) })),
    ).toMatchObject({
      verdict: 'as assumed',
      measured: { 'enough, bytes': 0 },
    });
  });
});

describe('a silent stream', () => {
  let edge: Server;
  afterEach(() => {
    edge.closeAllConnections();
    edge.close();
  });

  /** An edge that cuts what is silent, and may ask once more before it does. */
  async function edgeThat(cutSeconds: number, asksAgain: boolean, factor: number): Promise<Deployment> {
    edge = createServer((incoming: IncomingMessage, outgoing: ServerResponse) => {
      const ask = (answer: (from: IncomingMessage) => void): void => {
        const { method = 'GET', url = '/', headers } = incoming;
        const target = { host: '127.0.0.1', port: stack.local.port, method, path: url, headers };
        incoming.pipe(request(target, answer).on('error', () => outgoing.destroy()));
      };
      ask((answer) => {
        outgoing.writeHead(answer.statusCode!, answer.headers);
        const isStream = String(answer.headers['content-type']).startsWith('text/event-stream');
        let cut: NodeJS.Timeout | undefined;
        const heard = (): void => {
          clearTimeout(cut);
          cut = setTimeout(
            () => {
              outgoing.destroy();
              answer.destroy();
            },
            (cutSeconds * 1000) / factor,
          );
        };
        answer.on('data', (chunk: Buffer) => {
          if (isStream) heard();
          outgoing.write(chunk);
        });
        answer.once('end', () => outgoing.end());
        outgoing.once('close', () => clearTimeout(cut));
        if (isStream && asksAgain) ask((again) => again.resume());
      });
    });
    edge.listen(0, '127.0.0.1');
    await once(edge, 'listening');
    return new Deployment({
      baseUrl: new URL(`http://127.0.0.1:${(edge.address() as AddressInfo).port}`),
      streamUrl: new URL(`http://127.0.0.1:${(edge.address() as AddressInfo).port}`),
      token: await stack.local.issuer.sign({ sub: 'alice', workspace: `silent-${cutSeconds}-${asksAgain}` }),
    });
  }

  async function watch(
    cutSeconds: number,
    asksAgain: boolean,
    factor: number,
  ): Promise<[Finding, readonly string[]]> {
    const lambda = new StackLambda();
    const deployment = await edgeThat(cutSeconds, asksAgain, factor);
    const context = await contextWith(lambda.aws, 'silent', { deployment, clock: fastClock(factor) });
    return [await silence.run(context), lambda.log];
  }

  it('that is cut after half a minute is as assumed, and heartbeats are put back', async () => {
    const [finding, log] = await watch(30, false, 5);
    expect(finding).toMatchObject({ verdict: 'as assumed', measured: { 'streams opened': 1 } });
    expect(log).toEqual(['HEARTBEAT_SECONDS=120', 'HEARTBEAT_SECONDS=15']);
  });

  it.each([
    ['that is cut earlier', 10, false, 5],
    ['that is never cut', 1000, false, 20],
    ['that the edge asks for twice', 30, true, 5],
  ])('%s differs', async (_, cutSeconds, asksAgain, factor) => {
    const [finding] = await watch(cutSeconds, asksAgain, factor);
    expect(finding).toMatchObject({ verdict: 'differs' });
  });
});

describe('a batch that the fan-out gives up', () => {
  /** A bucket into which something comes when it was looked into three times. */
  class FillingBucket extends MemoryBatches {
    #looks = 0;
    readonly #content: string | undefined;

    constructor(content: string | undefined) {
      super();
      this.#content = content;
      this.open.set('aws/lambda/old', 'not this one');
    }

    override async list(): Promise<readonly string[]> {
      this.#looks += 1;
      if (this.#looks === 3 && this.#content !== undefined) this.open.set('aws/lambda/new', this.#content);
      return super.list();
    }
  }

  const workspace = 'given-up';
  const run = async (batches: MemoryBatches, lambda: StackLambda): Promise<Finding> =>
    failedBatch.run(await contextWith({ ...lambda.aws, batches }, workspace, { clock: fastClock(3000) }));

  it('and that reaches the bucket is made up for, and the fan-out is put back', async () => {
    const lambda = new StackLambda();
    const batches = new FillingBucket(invocationRecord([{ workspace, source: 1 }]));
    const stream = await stack.connect({ sub: 'bob', workspace });
    expect(await run(batches, lambda)).toMatchObject({
      verdict: 'as assumed',
      measured: { batches: 1, records: 1 },
    });
    expect([[...batches.done.keys()], [...batches.open.keys()]]).toEqual([
      ['aws/lambda/new'],
      ['aws/lambda/old'],
    ]);
    expect(lambda.log).toEqual(['stopped', 'put back']);
    const frames = await stream.until((all) => all.some(({ event }) => event === 'resume'));
    expect(frames.find(({ event }) => event === 'resume')!.data).toEqual({
      complete: false,
      reason: 'resync',
    });
  });

  it.each([
    ['whose records cannot be read differs', '{}', /cannot be made up for/],
    ['that does not reach the bucket differs', undefined, /no batch came/],
  ])('%s, and the fan-out is put back', async (_, content, found) => {
    const lambda = new StackLambda();
    expect(await run(new FillingBucket(content), lambda)).toMatchObject({
      verdict: 'differs',
      found: expect.stringMatching(found),
    });
    expect(lambda.log).toEqual(['stopped', 'put back']);
  });

  it('is given up no more where the experiment fails', async () => {
    const lambda = new StackLambda();
    const batches = new MemoryBatches();
    batches.list = async () => {
      if (lambda.log.length > 0) throw new Error('no such bucket');
      return [];
    };
    await expect(run(batches, lambda)).rejects.toThrow('no such bucket');
    expect(lambda.log).toEqual(['stopped', 'put back']);
  });
});

describe('cold starts', () => {
  const line = (initDurationMs: number): string =>
    JSON.stringify({ record: { metrics: { initDurationMs } } });

  it.each([
    ['within a second are as assumed', [line(300), line(450)], 'as assumed'],
    ['above a second differ', [line(300), line(2400)], 'differs'],
    ['that nobody reports are not known', [], 'could not tell'],
  ] as const)('%s', async (_, lines, verdict) => {
    const logLines: Aws['logLines'] = async (name) => (name === 'stream' ? lines : []);
    const context = await contextWith({ logLines }, 'cold', { clock: fastClock(1000) });
    expect(await coldStarts.run(context)).toMatchObject({ verdict });
  });
});

describe('the stream’s own address', () => {
  it.each([
    ['that refuses is as assumed', 403, 'as assumed'],
    ['that answers differs', 200, 'differs'],
  ])('%s', async (_, status, verdict) => {
    const own = createServer((__, response) => void response.writeHead(status).end()).listen(0, '127.0.0.1');
    await once(own, 'listening');
    const url = `http://127.0.0.1:${(own.address() as AddressInfo).port}/`;
    const context = await contextWith({ streamUrl: async () => url }, 'own');
    try {
      expect(await ownAddress.run(context)).toMatchObject({
        verdict,
        measured: { 'status past the edge': status },
      });
    } finally {
      own.close();
    }
  });
});
