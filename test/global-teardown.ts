import { rm } from 'node:fs/promises';

/** Removes what the setup made. */
export default async function globalTeardown(): Promise<void> {
  const directory = process.env['TASKWIRE_TEMPLATE_DIRECTORY'];
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
}
