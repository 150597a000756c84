import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stageNames } from '../lib/config/stage-names.ts';
import type { StageConfig } from '../lib/config/stage-schema.ts';
import type { StageName } from '../lib/config/stage-names.ts';
import { runCommand, UsageError } from '../commands/command-line.ts';
import type { Flags } from '../commands/command-line.ts';
import { CommandError } from '../commands/command-error.ts';
import { synthesize } from '../local/template/synthesize.ts';

const help = `npm run -s check:template -- [--shape NAME] [--output DIR]

Synthesizes every stage with all checks on, and one with all that a stage may add, and fails on any finding.

  --shape NAME  only those whose name has this in it
  --output DIR  keeps the assemblies there, each in a directory with the name of its shape

Exit status: 0 nothing is found, 1 something is, 2 wrong usage.`;

const options = { shape: { type: 'string' }, output: { type: 'string' } } as const;

interface Shape {
  readonly name: string;
  readonly stage: StageName;
  /** Settings that replace those of the stage. */
  readonly settings: Readonly<Partial<StageConfig>>;
}

const shapes: readonly Shape[] = [
  ...stageNames.map((stage) => ({ name: stage, stage, settings: {} })),
  { name: 'local with the edge', stage: 'local', settings: { edge: 'on' } },
  { name: 'local with a Web Function', stage: 'local', settings: { streamHost: 'web-function' } },
  { name: 'dev with a Web Function', stage: 'dev', settings: { streamHost: 'web-function' } },
  {
    name: 'production with a Web Function',
    stage: 'production',
    settings: { streamHost: 'web-function', streamConcurrency: 3_000 },
  },
  {
    name: 'local with containers',
    stage: 'local',
    settings: { streamHost: 'container', edge: 'on' },
  },
  { name: 'dev with containers', stage: 'dev', settings: { streamHost: 'container', edge: 'on' } },
  {
    name: 'production with containers',
    stage: 'production',
    settings: { streamHost: 'container', taskMegabytes: 2_048, leastTasks: 3, mostTasks: 30 },
  },
  {
    name: 'production with every option',
    stage: 'production',
    settings: {
      account: '111122223333',
      domain: 'board.example.com',
      certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/example',
      requestsPerAddress: 2_000,
      streamConcurrency: 500,
      canaryMinutes: 5,
      alarmEmails: ['operator@example.com'],
    },
  },
];

/** Gives the number of resources of the stage; throws with what is wrong when it does not pass. */
async function check({ name, stage, settings }: Shape, directory: string): Promise<number> {
  const stages = { [stage]: settings };
  const { exitCode, output } = await synthesize(directory, { stage, stages, checks: true });
  // A warning does not fail the synthesis, but is to be resolved or acknowledged like an error.
  if (exitCode !== 0 || /^(ERROR|WARNING) /m.test(output))
    throw new CommandError(
      `stage ${name}: resolve each finding, or acknowledge it next to its construct\n${output}`,
    );
  const template: unknown = JSON.parse(
    await readFile(join(directory, `Taskwire-${stage}.template.json`), 'utf8'),
  );
  const resources = typeof template === 'object' && template !== null && 'Resources' in template;
  return resources ? Object.keys(template.Resources ?? {}).length : 0;
}

async function checkAll({ shape: asked = '', output }: Flags<typeof options>): Promise<void> {
  const chosen = shapes.filter(({ name }) => name.includes(asked));
  if (chosen.length === 0) throw new UsageError(`no shape is named ${JSON.stringify(asked)}`);
  const directory = output ?? (await mkdtemp(join(tmpdir(), 'taskwire-check-')));
  try {
    const passed = await Promise.all(
      chosen.map(
        async (shape) => `${shape.name} (${await check(shape, join(directory, shape.name))} resources)`,
      ),
    );
    console.log(`templates: ${passed.join(', ')} pass the AwsSolutions and CloudFormation rules`);
  } finally {
    if (output === undefined) await rm(directory, { recursive: true, force: true });
  }
}

await runCommand({
  name: 'check:template',
  call: 'npm run -s check:template',
  help,
  options,
  run: checkAll,
});
