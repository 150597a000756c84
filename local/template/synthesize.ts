import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CommandError } from '../../commands/command-error.ts';

const thisProject = path.join(import.meta.dirname, '..', '..');

/** How a run of the CDK app went. */
export interface Synthesis {
  /** 0 when the app was synthesized; what the app printed says why not. */
  readonly exitCode: number | null;
  readonly output: string;
}

interface ProjectSettings {
  readonly context?: Readonly<Record<string, unknown>> & { readonly stages?: { readonly local?: object } };
}

/**
 * Runs the CDK app as the CDK CLI does, but without it, and so in a third of the time.
 * @param directory gets the cloud assembly.
 * @param context values that come on top of those in `cdk.json`.
 * @param project whose app it is: this one, unless another revision of it is given.
 * @throws {Error} only when the app cannot be started.
 */
export async function synthesize(
  directory: string,
  context: Readonly<Record<string, unknown>>,
  project: string = thisProject,
): Promise<Synthesis> {
  const { context: own } = await readSettings(project);
  const app = spawn(process.execPath, [path.join('bin', 'taskwire.ts')], {
    cwd: project,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      CDK_OUTDIR: directory,
      CDK_CONTEXT_JSON: JSON.stringify({ ...own, ...context }),
    },
  });
  const kill = (): boolean => app.kill('SIGKILL');
  process.once('exit', kill);
  let output = '';
  for (const stream of [app.stdout, app.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  app.once('error', reject);
  app.once('close', resolve);
  try {
    return { exitCode: await promise, output };
  } finally {
    process.off('exit', kill);
  }
}

/** The hosts of streams that the local stack runs. */
export const streamHosts = ['function', 'web-function', 'container'] as const;
export type StreamHost = (typeof streamHosts)[number];

/** Whether the stage `local` has its edge where nobody says: where what hosts the streams needs it. */
export function usualEdge(host: StreamHost): 'on' | 'off' {
  return host === 'container' ? 'on' : 'off';
}

/** What of the stage `local` is set whatever cdk.json says of it. */
export interface LocalStageOptions {
  /** Whether it gets its edge; as `usualEdge` has it unless it is said. */
  readonly edge?: 'on' | 'off';
  /** How users of the edge's page sign in; by the switch unless it is said. */
  readonly signIn?: 'switch' | 'oidc';
  /** Origins of pages that may call besides the stack's own; those of the stage when it is left out. */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** What hosts the streams; `function` unless it is said. */
  readonly streamHost?: StreamHost | undefined;
}

/**
 * Synthesizes the stage `local` of this project.
 * @param directory gets the cloud assembly.
 * @throws {CommandError} with the app's own error.
 */
export async function synthesizeLocalStage(
  directory: string,
  {
    streamHost = 'function',
    edge = usualEdge(streamHost),
    signIn = 'switch',
    allowedOrigins,
  }: LocalStageOptions = {},
): Promise<void> {
  const { context } = await readSettings(thisProject);
  const stages = {
    ...context?.stages,
    local: {
      ...context?.stages?.local,
      edge,
      streamHost,
      identity: { kind: 'local', signIn },
      ...(allowedOrigins && { allowedOrigins }),
    },
  };
  const { exitCode, output } = await synthesize(directory, { stage: 'local', stages });
  if (exitCode === 0) return;
  const lines = output.split('\n');
  const reason =
    lines.find((line) => /error/i.test(line)) ?? lines.find((line) => line.trim() !== '') ?? exitCode;
  throw new CommandError(
    `the template does not synthesize: ${String(reason).trim()} (npm run synth -- -c stage=local shows all of it)`,
  );
}

async function readSettings(project: string): Promise<ProjectSettings> {
  return JSON.parse(await readFile(path.join(project, 'cdk.json'), 'utf8')) as ProjectSettings;
}
