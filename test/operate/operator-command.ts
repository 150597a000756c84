import type { Ended } from '../commands/command.ts';
import { runCommandFile } from '../commands/command.ts';

/** Runs a command as an operator does, with nothing of AWS in its environment but what is given. */
export function runOperatorCommand(
  file: string,
  flags: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  return runCommandFile(file, flags, { PATH: process.env['PATH'], ...environment });
}
