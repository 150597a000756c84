import { allTasks, TokenEndpoint } from './canary.ts';
import type { MetricLine } from './metric-lines.ts';
import { metricsIn } from './metric-lines.ts';
import type { TestStack } from './stack.ts';
import { startWith } from './synthesized-stack.ts';

const canary = { sub: 'canary', workspace: 'canary' };

let stack: TestStack;
let tokens: TokenEndpoint;
const metrics: MetricLine[] = [];
let isFanOutBroken = false;

beforeAll(async () => {
  tokens = await TokenEndpoint.start(() => stack.local.issuer.sign(canary));
  stack = await startWith(
    { canaryMinutes: 5 },
    {
      parameters: { '/taskwire/local/canary': tokens.credential },
      environment: { PROBE_SECONDS: '20' },
      onLog: ({ text }) => {
        metrics.push(...metricsIn(text));
        if (process.env.SHOW) console.log(text);
      },
      wrapDeliver: (deliver) => async (records) => {
        if (isFanOutBroken) throw new Error('the fan-out is broken');
        return deliver(records);
      },
    },
  );
});
afterAll(async () => {
  await stack.close();
  await tokens.close();
});

function run(): Promise<unknown> {
  return stack.local.functions.find(({ name }) => name === 'canary')!.process.invokeBuffered({});
}

describe('the canary', () => {
  it('hears of its task and leaves none behind', async () => {
    await run();
    await run();
    expect(await allTasks(stack)).toEqual([]);
    expect(metrics.map(({ name }) => name).filter((name) => name.startsWith('Canary'))).toEqual([]);
  });
  it('fails when broken', async () => {
    isFanOutBroken = true;
    await expect(run()).rejects.toThrow(/failed at frame/);
    isFanOutBroken = false;
    expect(await allTasks(stack)).toEqual([]);
  });
});
