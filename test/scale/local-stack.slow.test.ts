import { rmSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { feedJitter, feedPollMs } from '../../core/awareness/feed.ts';
import { stageConfig } from '../../lib/config/stage-config.ts';
import type { AwsCall } from '../../local/data/aws-fault.ts';
import type { ConsumedCapacity } from '../../local/data/consumed-capacity.ts';
import type { Flow, Partition } from '../../scale/flows.ts';
import { flowsOf } from '../../scale/flows.ts';
import { webFunctionHost } from '../../scale/hosts.ts';
import type { Load } from '../../scale/scenario.ts';
import { loadOf } from '../../scale/scenario.ts';
import type { Who } from '../end-to-end/stack.ts';
import { TestStack } from '../end-to-end/stack.ts';
import type { StreamClient } from '../end-to-end/stream-client.ts';
import { assemblyDirectory, synthesizeWith } from '../end-to-end/synthesized-stack.ts';

/**
 * Runs small what the simulator computes for many, and holds it to the units that the database counts meanwhile. The model
 * is given how long sessions were open, and how much later than planned this machine reads, as the polls of what is said of
 * other users show: they have a pace of their own, which hardly varies.
 */

const streams = 32;
const sessionsOfEach = 2;
const workspaces = ['scale-0', 'scale-1'] as const;
const changesASecond = 0.5;

/** As deployed stages poll, with sessions that end while somebody waits for it. */
const stage = { ...stageConfig('production'), sessionSeconds: 10, heartbeatSeconds: 2 };

/** What a run has read and written. */
interface Run {
  readonly seconds: number;
  readonly changes: number;
  /** Units by kind, table and operation: `reads of events by Query`. */
  readonly units: Readonly<Record<string, number>>;
  /** Calls by table, operation and partition, and of those with a workspace by that. */
  readonly calls: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly sessionSeconds: readonly number[];
  /** How long clients were connected, from the first frame to the last. */
  readonly heardSeconds: number;
  readonly processes: number;
}

let stack: TestStack;
const units = new Map<string, number>();
const calls = new Map<string, Map<string, number>>();
const sessionSeconds: number[] = [];

/**
 * What streams of a process put, delete or read in the same moment goes in one request; what that costs is told for all of
 * it. So operations count together that can be in one.
 */
function kindOf(operation: string): string {
  if (operation === 'BatchGetItem') return 'GetItem';
  return /^(Put|Delete|BatchWrite)Item$/.test(operation) ? 'PutItem or DeleteItem' : operation;
}

function count(consumed: ConsumedCapacity): void {
  const table = Object.entries(stack.local.tables).find(([, name]) => name === consumed.tableName)?.[0];
  for (const kind of ['reads', 'writes'] as const) {
    const name = `${kind} of ${table} by ${kindOf(consumed.operation)}`;
    const amount = kind === 'reads' ? consumed.readUnits : consumed.writeUnits;
    if (amount > 0) units.set(name, (units.get(name) ?? 0) + amount);
  }
}

const partitions: Readonly<Record<string, Partition>> = {
  'events ': 'log of a workspace',
  'connections ': 'streams of a workspace',
  'connections ended': 'ends of a workspace',
  'connections revocation': 'revocations of a user',
  'connections push': 'WebSockets of a workspace',
  'connections presence': 'presence of a workspace',
  'connections said': 'what is said in a workspace',
  'connections drain': 'drain marker',
  'tasks ': 'tasks of a workspace',
  'tasks counter': 'task counter of a workspace',
};

/** Notes by which partition key a table is read or written. */
function note({ operation, tables, input }: AwsCall): void {
  const [table = ''] = Object.entries(stack.local.tables).flatMap(([role, name]) =>
    tables.some((arn) => arn.split('/')[1] === name) ? [role] : [],
  );
  const index = 'IndexName' in input ? 'ended' : undefined;
  const keys = [...JSON.stringify(input).matchAll(/"(scale-\d|(?=#drain"))(?:#([a-z]+))?["#]/g)];
  // All but a batch have one partition key, which may stand there twice.
  for (const [, workspace = '', suffix = ''] of operation.startsWith('Batch') ? keys : keys.slice(0, 1)) {
    const partition = partitions[`${table} ${index ?? suffix}`] ?? `unknown ${suffix}`;
    const kind = `${table} ${kindOf(operation)}: ${partition}`;
    const ofKind = calls.get(kind) ?? new Map<string, number>();
    calls.set(kind, ofKind);
    ofKind.set(workspace, (ofKind.get(workspace) ?? 0) + 1);
  }
}

const whoIs = (index: number): Who => ({
  sub: `user-${index}`,
  workspace: workspaces[index % 2 === 0 ? 0 : 1],
});

/** Opens a stream, with as many attempts as a busy machine takes: those that come to nothing read nothing. */
async function connect(index: number, headers: Readonly<Record<string, string>>): Promise<StreamClient> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const stream = await stack.connect(whoIs(index), { presence: 'true' }, headers);
      if (stream.frames[0]?.event !== 'end') return stream;
      await wait(stream.retry);
    } catch (error) {
      if (attempt === 10) throw error;
    }
  }
}

/** The items of so many streams were there and are gone, each the last that its session does. */
async function removed(sessions: number): Promise<void> {
  while ((units.get('writes of connections by PutItem or DeleteItem') ?? 0) < 2 * sessions) await wait(10);
}

/** Has all processes started that the streams take. */
async function warmUp(): Promise<void> {
  units.clear();
  const opened = await Promise.all(Array.from({ length: streams }, (_, index) => connect(index, {})));
  for (const stream of opened) stream.cut();
  await removed(streams);
}

/** Streams that come back as often as they shall, while changes are made at times that come by chance. */
async function run(spreadMs: number, isShared: boolean): Promise<Run> {
  for (const workspace of workspaces) await createTask({ sub: 'user-0', workspace });
  await stack.local.pump.drained();
  await stack.local.invocations.idle();
  if (isShared) await warmUp();
  for (const counted of [units, calls]) counted.clear();
  sessionSeconds.length = 0;
  let heardSeconds = 0;
  const leaving = new AbortController();
  let changes = 0;
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1000;
  const client = async (index: number): Promise<void> => {
    await wait((spreadMs * index) / streams);
    let headers = {};
    for (let session = 0; session < sessionsOfEach; session += 1) {
      const stream = await connect(index, headers);
      const first = seconds();
      await stream.until((frames) => frames.at(-1)?.event === 'end');
      await stream.ended;
      heardSeconds += seconds() - first;
      headers = { 'last-event-id': stream.cursor };
    }
    leaving.abort();
  };
  const change = async (): Promise<void> => {
    for (;;) {
      await wait((-Math.log(1 - Math.random()) * 1000) / changesASecond);
      if (leaving.signal.aborted) return;
      await createTask({ sub: 'user-0', workspace: workspaces[Math.random() < 0.5 ? 0 : 1] });
      changes += 1;
    }
  };
  await Promise.all([change(), ...Array.from({ length: streams }, (_, index) => client(index))]);
  await removed(streams * sessionsOfEach);
  const took = seconds();
  await stack.local.pump.drained();
  await stack.local.invocations.idle();
  return {
    seconds: took,
    changes,
    heardSeconds,
    sessionSeconds,
    calls,
    units: Object.fromEntries(units),
    processes: stack.local.hosts.get('stream')!.pids.length,
  };
}

async function createTask(who: Who): Promise<void> {
  expect((await stack.request(who, 'POST', '/tasks', { name: 'A task' })).status).toBe(201);
}

/** What the simulator says of a run. */
function modelOf(counted: Run, streamsPerProcess: number): Load {
  const { seconds, changes, heardSeconds, processes } = counted;
  const openSeconds = counted.sessionSeconds.reduce((sum, each) => sum + each, 0);
  const feedPolls = counted.calls.get('connections Query: what is said in a workspace')!;
  const polls = [...feedPolls.values()].reduce((sum, each) => sum + each, 0);
  const pauseMs = ((feedJitter[0] + feedJitter[1]) / 2) * feedPollMs;
  return loadOf({
    stage,
    streams: openSeconds / seconds,
    spread: { workspaces: workspaces.length },
    host: { ...webFunctionHost(streamsPerProcess), leastProcesses: processes },
    changesPerHour: (changes / workspaces.length / seconds) * 3600,
    presence: { viewersPerStream: 0 },
    handsOver: false,
    times: {
      readMs: (seconds * 1000 * workspaces.length * processes) / polls - pauseMs,
      admissionMs: ((openSeconds - heardSeconds) / counted.sessionSeconds.length) * 1000,
    },
  });
}

function unitsOf(flows: readonly Flow[], seconds: number): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { kind, table, operation, units: perSecond } of flows) {
    const name = `${kind} of ${table} by ${kindOf(operation)}`;
    sums[name] = (sums[name] ?? 0) + perSecond * seconds;
  }
  return sums;
}

describe.each([
  ['function', streams, 8750, undefined],
  ['web-function', 8, 0, { streamHost: 'web-function', streamsPerProcess: 8 }],
])('a local stack whose streams are in a %s', (_, streamsPerProcess, spreadMs, settings) => {
  const directory = assemblyDirectory();
  let counted: Run;
  beforeAll(async () => {
    stack = await TestStack.start({
      ...(settings !== undefined && { assembly: () => synthesizeWith(directory, settings) }),
      environment: {
        SESSION_SECONDS: String(stage.sessionSeconds),
        HEARTBEAT_SECONDS: String(stage.heartbeatSeconds),
        POLL_MIN_MS: String(stage.pollMinMs),
        POLL_MAX_MS: String(stage.pollMaxMs),
      },
      onAwsCall: (call) => {
        if (stack !== undefined) note(call);
        return undefined;
      },
      onCapacity: (consumed) => count(consumed),
      onLog: ({ text }) => {
        const [, seconds] = /session ended.*"seconds":([\d.]+)/.exec(text) ?? [];
        if (seconds !== undefined) sessionSeconds.push(Number(seconds));
      },
    });
    counted = await run(spreadMs, settings !== undefined);
  });
  afterAll(async () => {
    await stack.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('reads and writes what the simulator says, by table and operation', () => {
    const model = unitsOf(flowsOf(modelOf(counted, streamsPerProcess)), counted.seconds);
    const isCount = (kind: string): boolean => kind === 'writes of connections by UpdateItem';
    const off = Object.keys({ ...model, ...counted.units }).map(
      (kind) => [kind, (model[kind] ?? 0) / (counted.units[kind] ?? 0) - 1] as const,
    );
    // On a quiet machine they differ by some percent. On a busy one sessions and polls are late, not all of them alike; and
    // how many polls there are depends on when changes come, which is by chance.
    const wrong = off.filter(
      ([kind, part]) =>
        !isCount(kind) && !(Math.abs(part) < (kind === 'reads of events by Query' ? 0.25 : 0.15)),
    );
    expect(Object.fromEntries(wrong)).toEqual({});
    // How full a workspace is, one counts for all that come within 2 s. The model has them come evenly. Where all begin within
    // one session fewer count, and where all begin at once it does not matter how many do.
    const [, counting = Infinity] = off.find(([kind]) => isCount(kind)) ?? [];
    expect(counting).toBeGreaterThan(-0.2);
    expect(counting).toBeLessThan(spreadMs > 0 ? 0.7 : Infinity);
  });

  it('uses the partitions that the simulator names, and those of both workspaces alike', () => {
    const load = modelOf(counted, streamsPerProcess);
    const flows = flowsOf(load).map(
      ({ table, operation, partition }) => `${table} ${kindOf(operation)}: ${partition}`,
    );
    expect([...counted.calls.keys()].toSorted()).toEqual([...new Set(flows)].toSorted());
    for (const [partition, of] of counted.calls) {
      const shares = [...of.values()];
      const sum = shares.reduce((all, each) => all + each);
      if (partition.endsWith('drain marker')) expect(shares).toHaveLength(1);
      // Changes are made in either by chance, and polls are more where they are.
      else if (sum >= 60) expect(Math.max(...shares) / sum).toBeLessThan(0.7);
    }
  });
});
