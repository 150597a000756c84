import { randomBytes } from 'node:crypto';
import { startLocalStack } from '../local/stack.ts';
import type { LocalStack } from '../local/stack.ts';
import { readAssembly } from '../local/template/assembly.ts';
import { CapacityCount } from './capacity.ts';
import type { Inspector } from './inspector.ts';
import { inspectFlag, inspectorAddress, inspectProcess, inspectThisProcess } from './inspector.ts';
import type { Memory } from './results.ts';
import type { Subject } from './subject.ts';

/** A few users open all the streams here. */
const unlimited = { CONNECTIONS_PER_USER: '100000', CONNECTIONS_PER_WORKSPACE: '100000' };

const tokenSeconds = 3600;

/**
 * Starts a local stack in this process.
 * @param assembly directory of the cloud assembly.
 * @param environment values that replace environment variables of the functions.
 */
export async function startStack(
  assembly: string,
  environment: Readonly<Record<string, string>>,
): Promise<Subject> {
  const capacity = new CapacityCount();
  const addresses = new Map<string, string>();
  const nodeOptions = declaredNodeOptions(assembly);
  const stack = await startLocalStack({
    assembly,
    port: 0,
    databaseEndpoint: process.env.DYNAMODB_ENDPOINT,
    prefix: `bench-${randomBytes(4).toString('hex')}`,
    onCapacity: (consumed) => capacity.add(consumed),
    environment: { NODE_OPTIONS: `${nodeOptions} ${inspectFlag}`, ...unlimited, ...environment },
    onLog: ({ functionName, text }) => {
      const address = inspectorAddress(text);
      if (address !== undefined) addresses.set(functionName, address);
    },
  });
  const inspectors = new Map([['front', inspectThisProcess()]]);
  for (const [name, address] of addresses) inspectors.set(name, await inspectProcess(address));
  return {
    port: stack.port,
    sign: (sub, workspace) =>
      stack.issuer.sign({ sub, expiresIn: tokenSeconds, ...(workspace !== undefined && { workspace }) }),
    pids: () => processesOf(stack),
    memory: () => readMemory(stack, inspectors),
    capacity,
    inspectors,
    functions: stack.functions.map(({ name, process: { settings } }) => ({
      name,
      bundleDirectory: settings.bundleDirectory,
      // With what Lambda's runtime sets besides the template's own: the code may read it as it loads.
      environment: { ...settings.environment, NODE_OPTIONS: nodeOptions },
    })),
    close: () => stack.close(),
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

/** Memory after a garbage collection, without which a process holds whatever it never had to clear away. */
async function readMemory(
  stack: LocalStack,
  inspectors: ReadonlyMap<string, Inspector>,
): Promise<Record<string, Memory>> {
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

function processesOf(stack: LocalStack): Record<string, number> {
  const pids: Record<string, number> = { front: process.pid };
  for (const [name, host] of stack.hosts)
    for (const [index, pid] of host.pids.entries()) pids[index === 0 ? name : `${name} ${index + 1}`] = pid;
  if (stack.databasePid !== undefined) pids['database'] = stack.databasePid;
  return pids;
}
