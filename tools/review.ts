/** `npm run review`: says what a deploy of the working tree would change, for whoever reviews the change. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCommand } from '../commands/command-line.ts';
import { help, options, readReviewCommand } from './review/command-line.ts';
import type { ReviewCommand } from './review/command-line.ts';
import { cut, markdown } from './review/markdown.ts';
import { CommandError } from '../commands/command-error.ts';
import { review } from './review/review.ts';
import type { Review, StagePair } from './review/review.ts';
import { deployableStages, synthesizeStage, unpackBase } from './review/revision.ts';

const project = path.join(import.meta.dirname, '..');

/** Tells whoever waits how far it is; the report alone goes to stdout. */
function say(text: string): void {
  console.error(`review: ${text}`);
}

async function makeReview(command: ReviewCommand, directory: string): Promise<Review> {
  const { base, install } = command;
  say(`unpacking ${base} ...`);
  const revision = await unpackBase(project, base, path.join(directory, 'base'), install);
  const [old, fresh] = [await deployableStages(revision.directory), await deployableStages(project)];
  const all = [...fresh, ...old.filter((stage) => !fresh.includes(stage))];
  const unknown = command.stages.find((stage) => !all.includes(stage));
  if (unknown !== undefined)
    throw new CommandError(`--stage ${unknown} is no stage; use one of ${all.join(', ')}`);
  const wanted = command.stages.length === 0 ? all : command.stages;
  const pairs: StagePair[] = [];
  for (const stage of wanted) {
    const side = (stages: readonly string[], root: string, name: string) =>
      stages.includes(stage)
        ? synthesizeStage(root, stage, path.join(directory, `${name}-${stage}`), name)
        : undefined;
    say(`synthesizing the stage ${stage} of both ...`);
    // Two at a time: a synthesis is one process.
    const [before, after] = await Promise.all([
      side(old, revision.directory, 'base'),
      side(fresh, project, 'change'),
    ]);
    pairs.push({ stage, before, after });
  }
  const { commit, borrowsPackages } = revision;
  return review(pairs, { base, commit, borrowsPackages });
}

async function main(command: ReviewCommand): Promise<number> {
  const directory = mkdtempSync(path.join(tmpdir(), 'taskwire-review-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  const result = await makeReview(command, directory);
  console.log(
    command.json ? JSON.stringify(result, undefined, 2) : cut(markdown(result), command.characters),
  );
  const fails = result.findings.some(
    ({ section, alarming }) => alarming && command.failOn.some((alarm) => alarm === section),
  );
  return fails ? 1 : 0;
}

await runCommand({
  name: 'review',
  call: 'npm run -s review',
  help,
  options,
  // 1 is for --fail-on.
  faultStatus: 2,
  run: (flags) => main(readReviewCommand(flags)),
});
