import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';
import { StartFailure } from './start-failure.ts';

/**
 * Parses a command line.
 *
 * @param config - the flags, in the form of node:util
 * @param help - names the command that explains the flags
 * @throws StartFailure for a flag that is not known, or a value where none belongs
 */
export function parseFlags<Config extends ParseArgsConfig>(
  config: Config,
  help: string,
): ReturnType<typeof parseArgs<Config>>['values'] {
  try {
    return parseArgs(config).values;
  } catch (error) {
    const [reason] = (error as Error).message.split('. ');
    throw new StartFailure(`${reason}; see ${help}`, { cause: error });
  }
}

/**
 * Reads a port number.
 *
 * @param lowest - 0 where "any port" makes sense, else 1
 * @throws StartFailure
 */
export function parsePort(text: string, lowest: 0 | 1): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < lowest || port > 65_535) {
    throw new StartFailure(`--port takes a number from ${lowest} to 65535, not ${JSON.stringify(text)}`);
  }
  return port;
}

/**
 * Reads a switch.
 *
 * @param flag - its name, for the error
 * @throws StartFailure
 */
export function parseSwitch(text: string, flag: string): 'on' | 'off' {
  if (text === 'on' || text === 'off') return text;
  throw new StartFailure(`${flag} takes on or off, not ${JSON.stringify(text)}`);
}

/**
 * Reads how users of the page sign in.
 *
 * @param edge - the other way than `switch` is part of the template's page, which only the edge serves
 * @throws StartFailure
 */
export function parseSignIn(text: string, edge: 'on' | 'off'): 'switch' | 'oidc' {
  if (text !== 'switch' && text !== 'oidc')
    throw new StartFailure(`--sign-in takes switch or oidc, not ${JSON.stringify(text)}`);
  if (text === 'oidc' && edge === 'off') throw new StartFailure('--sign-in oidc needs --edge on');
  return text;
}

const secondsPerUnit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * Reads a duration such as `90`, `90s`, `15m`, `1h` or `7d`.
 *
 * @returns seconds
 * @throws StartFailure
 */
export function parseDuration(text: string): number {
  const match = /^(\d{1,9})([smhd]?)$/.exec(text);
  const seconds = Number(match?.[1]) * (secondsPerUnit[match?.[2] ?? ''] ?? 1);
  if (match === null || seconds === 0) {
    throw new StartFailure(
      `--expires takes a duration such as 90s, 15m, 1h or 7d, not ${JSON.stringify(text)}`,
    );
  }
  return seconds;
}

/** Ends the process for an error: one line for what the user can mend, a stack trace for what is our mistake. */
export function exitWith(error: unknown): never {
  console.error(error instanceof StartFailure ? `taskwire: ${error.message}` : error);
  process.exit(1);
}
