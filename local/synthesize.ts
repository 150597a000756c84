import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { StartFailure } from './start-failure.ts';

interface ProjectSettings {
  readonly context?: Readonly<Record<string, unknown>> & { readonly stages?: { readonly local?: object } };
}

/**
 * Synthesizes the CDK app for the stage `local`, as `cdk synth` would, without the CDK command's own start-up time.
 *
 * @param projectDirectory - holds cdk.json
 * @param outputDirectory - gets the cloud assembly
 * @param edge - whether the stage gets its edge, whatever else its settings in cdk.json are
 * @throws StartFailure with the app's own error
 */
export async function synthesizeLocalStage(
  projectDirectory: string,
  outputDirectory: string,
  edge: 'on' | 'off',
): Promise<void> {
  const settings = JSON.parse(
    readFileSync(path.join(projectDirectory, 'cdk.json'), 'utf8'),
  ) as ProjectSettings;
  const app = spawn(process.execPath, [path.join('bin', 'taskwire.ts')], {
    cwd: projectDirectory,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      CDK_OUTDIR: outputDirectory,
      CDK_CONTEXT_JSON: JSON.stringify({
        ...settings.context,
        stage: 'local',
        stages: withEdge(settings, edge),
      }),
    },
  });
  const kill = (): boolean => app.kill('SIGKILL');
  process.once('exit', kill);
  const output: string[] = [];
  for (const stream of [app.stdout, app.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => output.push(text));
  }
  const exitCode = await new Promise<number | string>((resolve) => {
    app.once('error', (error) => resolve(error.message));
    app.once('close', (code, signal) => resolve(code ?? signal ?? 1));
  });
  process.off('exit', kill);
  if (exitCode === 0) return;
  const lines = output.join('').split('\n');
  const reason =
    lines.find((line) => /error/i.test(line)) ?? lines.find((line) => line.trim() !== '') ?? exitCode;
  throw new StartFailure(
    `the template does not synthesize: ${String(reason).trim()} (npm run synth -- -c stage=local shows all of it)`,
  );
}

function withEdge({ context }: ProjectSettings, edge: 'on' | 'off'): object {
  return { ...context?.stages, local: { ...context?.stages?.local, edge } };
}
