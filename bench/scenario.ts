/** One number of streams: a fresh stack in this process, and the load generator in another. */
import { randomBytes } from 'node:crypto';
import { startLocalStack } from '../local/stack.ts';
import type { LocalStack } from '../local/stack.ts';
import { readAssembly } from '../local/template/assembly.ts';
import { CapacityCount } from './capacity.ts';
import { parentPartner, startPartner } from './conversation.ts';
import type { StartedPartner } from './conversation.ts';
import type { Inspector } from './inspector.ts';
import { inspectFlag, inspectorAddress, inspectProcess, inspectThisProcess } from './inspector.ts';
import { watchProcessors } from './processor-time.ts';
import { profileProcesses } from './profile.ts';
import type {
  DeployedFunction,
  LoadPlan,
  LoadReport,
  Memory,
  MemoryPoints,
  ScenarioResult,
} from './results.ts';

/** What the scenario is told. */
export interface ScenarioPlan {
  /** Directory of the cloud assembly. */
  readonly assembly: string;
  readonly streams: number;
  /** Writes a second. */
  readonly rate: number;
  readonly seconds: number;
  /** Values that replace environment variables of the functions. */
  readonly environment: Readonly<Record<string, string>>;
  /** Gets the processor profiles, when it is given. */
  readonly profileDirectory?: string | undefined;
}

/** What the scenario answers. */
export interface ScenarioAnswer {
  readonly result: ScenarioResult;
  readonly functions: readonly DeployedFunction[];
}

/** The stack, the load generator, and what watches them. */
interface Setup {
  readonly stack: LocalStack;
  readonly load: StartedPartner;
  readonly capacity: CapacityCount;
  /** By function, and `front` for this process. */
  readonly inspectors: ReadonlyMap<string, Inspector>;
}

/** A few users open all the streams here. */
const unlimited = { CONNECTIONS_PER_USER: '100000', CONNECTIONS_PER_WORKSPACE: '100000' };

const longestWarmUpSeconds = 3;
const tokenSeconds = 3600;

async function run(plan: ScenarioPlan): Promise<ScenarioAnswer> {
  const capacity = new CapacityCount();
  const addresses = new Map<string, string>();
  const nodeOptions = declaredNodeOptions(plan.assembly);
  const stack = await startLocalStack({
    assembly: plan.assembly,
    port: 0,
    databaseEndpoint: process.env.DYNAMODB_ENDPOINT,
    prefix: `bench-${randomBytes(4).toString('hex')}`,
    onCapacity: (consumed) => capacity.add(consumed),
    environment: {
      NODE_OPTIONS: `${nodeOptions} ${inspectFlag}`,
      ...unlimited,
      ...plan.environment,
    },
    onLog: ({ functionName, text }) => {
      const address = inspectorAddress(text);
      if (address !== undefined) addresses.set(functionName, address);
    },
  });
  const load = startPartner(new URL('load.ts', import.meta.url));
  try {
    const inspectors = new Map([['front', inspectThisProcess()]]);
    for (const [name, address] of addresses) inspectors.set(name, await inspectProcess(address));
    return {
      result: await measure(plan, { stack, load, capacity, inspectors }),
      functions: stack.functions.map(({ name, process: { settings } }) => ({
        name,
        bundleDirectory: settings.bundleDirectory,
        // With what Lambda's runtime sets besides the template's own: the code may read it as it loads.
        environment: { ...settings.environment, NODE_OPTIONS: nodeOptions },
      })),
    };
  } finally {
    await load.end();
    await stack.close();
  }
}

async function measure(plan: ScenarioPlan, setup: Setup): Promise<ScenarioResult> {
  const { streams, profileDirectory } = plan;
  const { stack, load, capacity, inspectors } = setup;
  const loadPlan = await planLoad(plan, stack);
  const withoutStreams = await readMemory(setup);
  load.say('plan', loadPlan);
  await load.hear('connected');
  const connected = await readMemory(setup);
  load.say('warm up');
  await load.hear('warm');
  const saveProfiles =
    profileDirectory === undefined ? undefined : await profileProcesses(profileDirectory, inspectors);
  capacity.clear();
  const readProcessors = watchProcessors(processesOf(stack, load));
  load.say('measure');
  const report = await load.hear<LoadReport>('measured');
  const processors = readProcessors();
  const units = capacity.perChange(report.writes);
  await saveProfiles?.();
  const afterLoad = await readMemory(setup);
  load.say('close');
  await load.hear('closed');
  const points = (name: 'stream' | 'front'): MemoryPoints => ({
    withoutStreams: withoutStreams[name],
    connected: connected[name],
    afterLoad: afterLoad[name],
  });
  return {
    streams,
    load: report,
    capacity: units,
    memory: { stream: points('stream'), front: points('front') },
    processors,
  };
}

/** The options of Node that the template gives its functions, all the same. */
function declaredNodeOptions(assembly: string): string {
  const { Resources: resources } = readAssembly(assembly).template;
  for (const { Type: type, Properties: properties } of Object.values(resources)) {
    if (type !== 'AWS::Lambda::Function') continue;
    const { Variables: variables } = (properties?.Environment ?? {}) as {
      readonly Variables?: { readonly NODE_OPTIONS?: string };
    };
    if (variables?.NODE_OPTIONS !== undefined) return variables.NODE_OPTIONS;
  }
  throw new Error('no function of the template has NODE_OPTIONS');
}

/** Each stream has a user of its own. */
async function planLoad({ streams, rate, seconds }: ScenarioPlan, stack: LocalStack): Promise<LoadPlan> {
  const sign = (sub: string): Promise<string> => stack.issuer.sign({ sub, expiresIn: tokenSeconds });
  return {
    port: stack.port,
    streamTokens: await Promise.all(Array.from({ length: streams }, (_, index) => sign(`reader-${index}`))),
    writerToken: await sign('writer'),
    rate,
    seconds,
    warmUpSeconds: Math.min(longestWarmUpSeconds, seconds),
  };
}

/** Memory after a garbage collection, without which a process holds whatever it never had to clear away. */
async function readMemory({ stack, inspectors }: Setup): Promise<Record<'stream' | 'front', Memory>> {
  const stream = stack.hosts.get('stream');
  if (stream === undefined) throw new Error('nothing of the template hosts the streams');
  for (const name of ['stream', 'front']) await inspectors.get(name)?.post('HeapProfiler.collectGarbage');
  const { rss, heapUsed } = await stream.memory();
  const front = process.memoryUsage();
  return {
    stream: { resident: rss, heap: heapUsed },
    front: { resident: front.rss, heap: front.heapUsed },
  };
}

function processesOf(stack: LocalStack, load: StartedPartner): Record<string, number> {
  const pids: Record<string, number> = { load: load.pid, front: process.pid };
  for (const [name, host] of stack.hosts)
    for (const [index, pid] of host.pids.entries()) pids[index === 0 ? name : `${name} ${index + 1}`] = pid;
  if (stack.databasePid !== undefined) pids['database'] = stack.databasePid;
  return pids;
}

const parent = parentPartner();
parent.say('answer', await run(await parent.hear<ScenarioPlan>('plan')));
