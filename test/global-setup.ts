import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StreamHost } from '../local/template/synthesize.ts';
import { synthesizeLocalStage } from '../local/template/synthesize.ts';

/**
 * Synthesizes the local stage once for all tests of a run. They find the cloud assembly in the directory that
 * the environment variable TASKWIRE_TEMPLATE_DIRECTORY names.
 */
export default async function globalSetup(): Promise<void> {
  console.error('synthesizing the stage local ...');
  const directory = await mkdtemp(join(tmpdir(), 'taskwire-test-'));
  process.env['TASKWIRE_TEMPLATE_DIRECTORY'] = directory;
  await synthesizeLocalStage(directory, {
    streamHost: process.env['TASKWIRE_STREAM_HOST'] as StreamHost | undefined,
  });
}
