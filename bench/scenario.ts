/** One subject with one number of streams: it, in fresh processes, and the load generator in another. */
import { parentPartner, startPartner } from './conversation.ts';
import type { StartedPartner } from './conversation.ts';
import { startPeer } from './peers/peer-subject.ts';
import { watchProcessors } from './processor-time.ts';
import { profileProcesses } from './profile.ts';
import type {
  DeployedFunction,
  LoadPlan,
  LoadReport,
  MemoryPoints,
  ResumeReport,
  ScenarioResult,
  SubjectName,
} from './results.ts';
import { isPeer } from './results.ts';
import { startStack } from './stack-subject.ts';
import type { Subject } from './subject.ts';

/** What the scenario is told. */
export interface ScenarioPlan {
  readonly subject: SubjectName;
  /** Directory of the cloud assembly, of one that has one. */
  readonly assembly: string;
  readonly streams: number;
  /** How many streams of other workspaces are open besides, and told of nothing. */
  readonly held: number;
  /** Writes a second. */
  readonly rate: number;
  readonly seconds: number;
  /** Length of a phase before that which is not measured, seconds. */
  readonly warmUpSeconds: number;
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

/** How many workspaces the streams are of that are held besides. */
const heldWorkspaces = 100;

async function run(plan: ScenarioPlan): Promise<ScenarioAnswer> {
  const { subject: name, assembly, environment } = plan;
  const subject = isPeer(name) ? await startPeer(name) : await startStack(assembly, environment);
  const load = startPartner(new URL('load.ts', import.meta.url));
  try {
    return { result: await measure(plan, subject, load), functions: subject.functions };
  } finally {
    await load.end();
    await subject.close();
  }
}

async function measure(plan: ScenarioPlan, subject: Subject, load: StartedPartner): Promise<ScenarioResult> {
  const { subject: name, streams, held, rate, profileDirectory } = plan;
  const { capacity, inspectors } = subject;
  const withoutStreams = await subject.memory();
  load.say('plan', await planLoad(plan, subject));
  const connectSeconds = await load.hear<number>('connected');
  const connected = await subject.memory();
  load.say('warm up');
  await load.hear('warm');
  const saveProfiles =
    profileDirectory === undefined ? undefined : await profileProcesses(profileDirectory, inspectors);
  capacity.clear();
  const readProcessors = watchProcessors({ load: load.pid, ...subject.pids() });
  load.say('measure');
  const report = await load.hear<LoadReport>('measured');
  const processors = readProcessors();
  const units = capacity.perChange(report.writes);
  await saveProfiles?.();
  const afterLoad = await subject.memory();
  load.say('resume');
  const resume = await load.hear<ResumeReport>('resumed');
  load.say('close');
  await load.hear('closed');
  const memory = Object.keys(withoutStreams).map((process): [string, MemoryPoints] => [
    process,
    {
      withoutStreams: withoutStreams[process]!,
      connected: connected[process]!,
      afterLoad: afterLoad[process]!,
    },
  ]);
  return {
    subject: name,
    streams,
    held,
    rate,
    connectSeconds,
    load: report,
    resume,
    capacity: units,
    memory: Object.fromEntries(memory),
    processors,
  };
}

/** Each stream has a user of its own. */
async function planLoad(plan: ScenarioPlan, { port, sign }: Subject): Promise<LoadPlan> {
  const { streams, held, rate, seconds, warmUpSeconds } = plan;
  const signAll = (count: number, workspaceOf?: (index: number) => string): Promise<string[]> =>
    Promise.all(Array.from({ length: count }, (_, index) => sign(`reader-${index}`, workspaceOf?.(index))));
  return {
    port,
    streamTokens: await signAll(streams),
    heldTokens: await signAll(held, (index) => `held-${index % heldWorkspaces}`),
    writerToken: await sign('writer'),
    rate,
    seconds,
    warmUpSeconds,
  };
}

const parent = parentPartner();
parent.say('answer', await run(await parent.hear<ScenarioPlan>('plan')));
