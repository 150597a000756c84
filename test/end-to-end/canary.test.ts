import { rmSync } from 'node:fs';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { ConsumedCapacity } from '../../local/data/consumed-capacity.ts';
import type { FunctionProcess } from '../../local/functions/function-process.ts';
import { smallChunk } from '../../local/functions/held-chunks.ts';
import { measured } from '../../operate/cost/measured.ts';
import { allTasks, LossyApi, TokenEndpoint } from './canary.ts';
import type { MetricLine } from '../../local/metrics/metric-lines.ts';
import { metricsIn } from '../../local/metrics/metric-lines.ts';
import { TestStack } from './stack.ts';
import { assemblyDirectory, startWith, synthesizeWith } from './synthesized-stack.ts';

const canary = { sub: 'canary', workspace: 'taskwire-canary' };
const parameter = '/taskwire/local/canary';
const canaryMinutes = 5;
const scheduleMs = canaryMinutes * 60_000;

/** The canary's function, which Lambda would invoke by its schedule. */
function functionOf({ local }: TestStack): FunctionProcess {
  return local.functions.find(({ name }) => name === 'canary')!.process;
}

async function run(stack: TestStack): Promise<void> {
  await functionOf(stack).invokeBuffered({});
}

/** Values of a metric of the canary, by its name, and of one that says at which step it failed. */
function canaryMetrics(metrics: readonly MetricLine[]): Record<string, number[]> {
  const values: Record<string, number[]> = {};
  for (const { name, dimensions, values: more } of metrics) {
    if (dimensions['service'] === 'canary') (values[dimensions['fault'] ?? name] ??= []).push(...more);
  }
  return values;
}

describe('the canary', () => {
  let stack: TestStack;
  let tokens: TokenEndpoint;
  let api: LossyApi;
  // Its functions are killed, and start again.
  const assembly = assemblyDirectory();
  let metrics: MetricLine[] = [];
  let ends: string[] = [];
  let heard = Promise.withResolvers<void>();
  let consumed: ConsumedCapacity[] = [];
  let isStreamThrottled = false;
  let skewMs = 0;
  /** The clock of the metrics stands still until a test moves it: on a whole run of the schedule. */
  let metricsTime = Math.ceil(Date.now() / scheduleMs) * scheduleMs;
  /** Called for each batch of the tasks table's stream; the fan-out gets it unless this throws. */
  let onBatch: () => void = () => undefined;

  beforeAll(async () => {
    tokens = await TokenEndpoint.start(() => stack.local.issuer.sign(canary));
    api = await LossyApi.start(() => stack.local.url);
    stack = await TestStack.start({
      assembly: () => synthesizeWith(assembly, { canaryMinutes }),
      parameters: { [parameter]: tokens.credential },
      environment: { PROBE_SECONDS: '20', API_URL: api.url },
      clockSkewMs: (name) => (name === 'canary' ? skewMs : 0),
      metricsNow: () => metricsTime,
      onLog: ({ text }) => {
        metrics.push(...metricsIn(text));
        const ended = /"message":"session ended".*"reason":"(\w+)"/.exec(text);
        if (ended) ends.push(ended[1]!);
        heard.resolve();
        heard = Promise.withResolvers();
      },
      wrapDeliver: (deliver) => async (records) => {
        onBatch();
        return deliver(records);
      },
      onCapacity: (one) => consumed.push(one),
      onAwsCall: ({ functionName }) =>
        functionName === 'stream' && isStreamThrottled ? { kind: 'throttle' } : undefined,
    });
  });
  afterAll(async () => {
    await stack.close();
    rmSync(assembly, { recursive: true, force: true });
    await api.close();
    await tokens.close();
  });
  beforeEach(() => {
    metrics = [];
    ends = [];
    api.answers.length = 0;
  });
  afterEach(async () => {
    api.lose = () => undefined;
    onBatch = () => undefined;
    tokens.isUp = true;
    isStreamThrottled = false;
  });

  /** Waits for a condition on what is logged. */
  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await heard.promise;
  }

  /** Kills the function's process as the end of an environment would; the next one begins from nothing. */
  async function kill(clockAheadMs = 0): Promise<void> {
    skewMs = clockAheadMs;
    await functionOf(stack).crash();
  }

  it('measures run by run, signs in once, and leaves neither task nor stream behind', async () => {
    await kill();
    const given = tokens.given;
    for (let runs = 0; runs < 3; runs += 1) await run(stack);
    // The metrics of an invocation are its last line.
    await until(() => canaryMetrics(metrics)['CanaryHeldChunk']?.length === 3);
    const { CanaryWriteToAnswer: answers, CanaryWriteToFrame: frames, ...others } = canaryMetrics(metrics);
    expect(answers!.length).toBe(3);
    expect(frames!.length).toBe(3);
    expect(Object.keys(others)).toEqual(['CanaryHeldChunk']);
    expect(tokens.given - given).toBe(1);
    // A stream that nobody has ended would be paid for until its lease is over.
    await until(() => ends.length === 3);
    expect(ends).toEqual(['disconnected', 'disconnected', 'disconnected']);
    expect(await allTasks(stack)).toEqual([]);
    // What CloudWatch bills for each hour in which there was a run.
    // What the start of the stack has had refused may be told late.
    const ofRuns = (): MetricLine[] => metrics.filter(({ name }) => name !== 'RefusedTokens');
    const sent = (): Set<string> =>
      new Set(ofRuns().map(({ name, dimensions }) => JSON.stringify([name, dimensions])));
    await until(() => sent().size >= measured.canary.metrics);
    expect([...sent()]).toHaveLength(measured.canary.metrics);
  });

  it('costs what operate/cost says', async () => {
    await run(stack);
    await until(() => ends.length === 1);
    consumed = [];
    await run(stack);
    await until(() => ends.length === 2);
    await stack.local.pump.drained();
    const unitsOf = (role: string, kind: 'readUnits' | 'writeUnits'): number =>
      consumed
        .filter(({ tableName }) => tableName === stack.local.tables[role])
        .reduce((sum, each) => sum + each[kind], 0);
    const { taskReads, taskWrites, eventWrites } = measured.canary.units;
    expect(unitsOf('tasks', 'readUnits')).toBe(taskReads);
    expect(unitsOf('tasks', 'writeUnits')).toBe(taskWrites);
    expect(unitsOf('events', 'writeUnits')).toBe(eventWrites);
    expect(api.answers.slice(-measured.canary.requests)).toEqual([
      'POST 201',
      'DELETE 200',
      expect.stringMatching(/^(POST|GET) 200$/),
      expect.stringMatching(/^(POST|GET) 200$/),
    ]);
  });

  it('is not disturbed by others that run at the same time', async () => {
    await Promise.all([run(stack), run(stack), run(stack)]);
    expect(await allTasks(stack)).toEqual([]);
  });

  it('fails at "frame" where the fan-out is broken, and leaves no task behind', async () => {
    onBatch = () => {
      throw new Error('the fan-out is broken');
    };
    await expect(run(stack)).rejects.toThrow('the canary failed at frame: nothing was heard in time');
    expect(await allTasks(stack)).toEqual([]);
    await until(() => canaryMetrics(metrics)['frame'] !== undefined);
    expect(canaryMetrics(metrics)).toEqual({ frame: [1] });
    onBatch = () => undefined;
    await run(stack);
  });

  it('fails at "connect" where streams are refused, and writes nothing', async () => {
    isStreamThrottled = true;
    await expect(run(stack)).rejects.toThrow('the canary failed at connect: ');
    expect(api.answers.filter((answer) => answer.startsWith('POST'))).toEqual([]);
    expect(await allTasks(stack)).toEqual([]);
  });

  it('fails at "sign_in" where nobody gives tokens, and asks the stage for nothing', async () => {
    await kill();
    tokens.isUp = false;
    await expect(run(stack)).rejects.toThrow('the canary failed at sign_in: fetch failed');
    expect(api.answers).toEqual([]);
    tokens.isUp = true;
    await run(stack);
  });

  it('sets its alarm off where it fails, and where it does not run, and only then', async () => {
    const periods = [1, 2, 3] as const;
    const stateAfter = async (what: () => Promise<void>): Promise<string> => {
      await what();
      metricsTime += scheduleMs;
      const alarms = stack.local.metrics.alarms();
      return alarms.find(({ alarm }) => alarm.name === 'Taskwire-local-FailedCanary')!.state;
    };
    const good = (): Promise<void> => run(stack);
    const bad = async (): Promise<void> => {
      api.lose = (method) => (method === 'POST' ? 401 : undefined);
      await expect(run(stack)).rejects.toThrow('the canary failed at write');
      api.lose = () => undefined;
    };
    const none = (): Promise<void> => Promise.resolve();
    for (const _ of periods) await stateAfter(good);
    expect(await stateAfter(good)).toBe('OK');
    for (const missed of [bad, none]) {
      expect([await stateAfter(missed), await stateAfter(missed)]).toEqual(['OK', 'OK']);
      expect(await stateAfter(missed)).toBe('ALARM');
      expect(await stateAfter(good)).toBe('OK');
    }
  });

  it('signs in again after a run that has failed, for its token may be revoked', async () => {
    await kill();
    await run(stack);
    const given = tokens.given;
    api.lose = (method) => (method === 'POST' ? 401 : undefined);
    await expect(run(stack)).rejects.toThrow('the canary failed at write: POST /tasks answers 401');
    api.lose = () => undefined;
    await run(stack);
    expect(tokens.given - given).toBe(1);
  });

  it('deletes the task whose id it was never told', async () => {
    let lost = 0;
    api.lose = (method, path) =>
      method === 'POST' && path === '/tasks' && ++lost === 1 ? 'answer' : undefined;
    await expect(run(stack)).rejects.toThrow('the canary failed at write: ');
    expect(api.answers.filter((answer) => /^(POST 201|DELETE)/.test(answer))).toEqual([
      'POST 201',
      'POST 201 again',
      'DELETE 200',
    ]);
    expect(await allTasks(stack)).toEqual([]);
  });

  it('tries again to delete where the API does not let it', async () => {
    let refused = 0;
    api.lose = (method) => (method === 'DELETE' && ++refused <= 2 ? 503 : undefined);
    await expect(run(stack)).rejects.toThrow('the canary failed at cleanup: DELETE /tasks/');
    expect(await allTasks(stack)).toEqual([]);
  });

  it('is swept up after by the next run when it was killed in the middle', async () => {
    const written = Promise.withResolvers<void>();
    onBatch = () => {
      written.resolve();
      throw new Error('held until the canary is dead');
    };
    const killed = run(stack).catch((error: unknown) => error);
    await written.promise;
    // The next one runs ten minutes later.
    await kill(600_000);
    expect(await killed).toBeInstanceOf(Error);
    expect(await allTasks(stack)).toEqual([expect.stringMatching(/^Taskwire canary /)]);
    onBatch = () => undefined;
    await run(stack);
    expect(await allTasks(stack)).toEqual([]);
    await kill();
  });

  it('touches nothing but what is its own, and old', async () => {
    const longAgo = new Date(Date.now() - 600_000).toISOString();
    const mine = { created_by: canary.sub, created_at: longAgo, assigned_to_agent: true };
    const found = {
      'Taskwire canary of a run that was killed': mine,
      'Taskwire canary of somebody else': { ...mine, created_by: 'alice' },
      'Taskwire canary of a run that runs': { ...mine, created_at: new Date().toISOString() },
      'Taskwire canary without a time': { ...mine, created_at: undefined },
      'something that the user of the canary wrote': mine,
    };
    for (const [index, [name, item]] of Object.entries(found).entries()) {
      const Item = { workspace: canary.workspace, id: 9001 + index, name, version: 1, ...item };
      await stack.database.send(new PutCommand({ TableName: stack.local.tables['tasks'], Item }));
    }
    await run(stack);
    const [swept, ...others] = Object.keys(found);
    expect(await allTasks(stack)).toEqual(others.toSorted());
    expect(swept).toBe('Taskwire canary of a run that was killed');
    for (let id = 9002; id <= 9005; id += 1) {
      const admin = { ...canary, sub: 'ada', admin: true };
      expect((await stack.request(admin, 'DELETE', `/tasks/${id}`)).status).toBe(200);
    }
  });
});

describe('the canary of a stage with the edge', () => {
  let stack: TestStack;
  let tokens: TokenEndpoint;
  const parameters: Record<string, string> = {};
  const metrics: MetricLine[] = [];
  let heard = Promise.withResolvers<void>();

  beforeAll(async () => {
    tokens = await TokenEndpoint.start(() => stack.local.issuer.sign(canary));
    stack = await startWith(
      { canaryMinutes: 5, edge: 'on' },
      {
        parameters,
        // What pushes chunks through is left out, and so the next ping does it.
        environment: { PADDING_BYTES: '0', HEARTBEAT_SECONDS: '1' },
        holdChunksBelow: smallChunk,
        onLog: ({ text }) => {
          metrics.push(...metricsIn(text));
          heard.resolve();
          heard = Promise.withResolvers();
        },
      },
    );
  });
  afterAll(async () => {
    await stack.close();
    await tokens.close();
  });

  it('says what to do where it has no credential yet, or one that cannot be used', async () => {
    await expect(run(stack)).rejects.toThrow(
      `the canary failed at sign_in: there is no parameter ${parameter}: npm run canary makes it`,
    );
    parameters[parameter] =
      '{"kind":"oauth","grantType":"password","clientId":"canary","clientSecret":"a secret of nobody"}';
    await expect(run(stack)).rejects.toThrow(
      'the canary failed at sign_in: the credential cannot be used: tokenEndpoint: ',
    );
  });

  it('goes through the edge, and sees how long chunks are held on their way', async () => {
    parameters[parameter] = tokens.credential;
    await run(stack);
    while (canaryMetrics(metrics)['CanaryHeldChunk'] === undefined) await heard.promise;
    // A timer of Node may be over a moment early.
    expect(canaryMetrics(metrics)['CanaryHeldChunk']![0]).toBeGreaterThanOrEqual(900);
    expect(await allTasks(stack)).toEqual([]);
  });
});
