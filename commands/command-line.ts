import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';
import { describeFault } from './fault-text.ts';
import { CommandError } from './command-error.ts';

/** A command line that cannot be used; the message says why, in one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Options in the form of node:util. */
export type OptionsConfig = NonNullable<ParseArgsConfig['options']>;

/** What a command line says, by the names of the options. */
export type Flags<Options extends OptionsConfig> = ReturnType<
  typeof parseArgs<{ args: string[]; options: Options }>
>['values'];

/** A command of this project. */
export interface Command<Options extends OptionsConfig> {
  /** Stands before its errors. */
  readonly name: string;
  /** What a user types to run it, without options. */
  readonly call: string;
  /** Printed for `--help` and `-h`, which every command takes. */
  readonly help: string;
  readonly options: Options;
  /** Exit status when it could not do its work; default 1. A command line that is not understood is always 2. */
  readonly faultStatus?: number;
  /** Says in one line what is wrong and what to do, for errors of its own; undefined for those it does not know. */
  readonly explain?: (error: unknown) => string | undefined;
  /** Does the work; gives the exit status, 0 when it gives none. */
  readonly run: (flags: Flags<Options>) => Promise<number | void>;
}

/** Exit status of a program whose reader has left: 128 and the number of SIGPIPE. */
const brokenPipeStatus = 141;

/**
 * Runs a command with the command line of this process, and sets its exit status: 0 for `--help`, 2 for a command line
 * that is not understood. An error is one line where what to do is known, else the places it passed, and never the code
 * there, which may be a bundle.
 */
export async function runCommand<Options extends OptionsConfig>(command: Command<Options>): Promise<void> {
  stopWithoutReader();
  const fail = (error: unknown): void => {
    const isUsage = error instanceof UsageError;
    const known = isUsage ? `${error.message}; see ${command.call} -- --help` : command.explain?.(error);
    const reason = known ?? (error instanceof CommandError ? error.message : describeFault(error));
    console.error(`${command.name}: ${reason}`);
    process.exitCode = isUsage ? 2 : (command.faultStatus ?? 1);
  };
  process.on('uncaughtException', (error) => {
    fail(error);
    process.exit();
  });
  try {
    const flags = readOptions(process.argv.slice(2), {
      ...command.options,
      help: { type: 'boolean', short: 'h' },
    });
    if ((flags as { readonly help?: boolean }).help === true) console.log(command.help);
    else process.exitCode = (await command.run(flags)) ?? 0;
  } catch (error) {
    fail(error);
    // Whatever was begun besides has no purpose any more.
    process.exit();
  }
}

/**
 * When whoever reads the output leaves, as `head` does, the command ends as with Ctrl-C: with what it has to put in order,
 * and without a word.
 */
function stopWithoutReader(): void {
  let hasLeft = false;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      if (hasLeft) return;
      hasLeft = true;
      if (!process.emit('SIGINT')) process.exit(brokenPipeStatus);
    });
  }
}

/**
 * Reads the options of a command line, without the program's name.
 * @throws {UsageError} for an option that is not known, or a value where none belongs.
 */
function readOptions<Options extends OptionsConfig>(
  commandLine: readonly string[],
  options: Options,
): Flags<Options> {
  try {
    return parseArgs({ args: [...commandLine], options }).values;
  } catch (error) {
    const [reason = ''] = (error as Error).message.split(/\. |\n/);
    throw new UsageError(reason, { cause: error });
  }
}

/**
 * Reads a port number.
 * @param lowest 0 where "any port" makes sense, else 1.
 * @throws {UsageError}
 */
export function parsePort(text: string, lowest: 0 | 1): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < lowest || port > 65_535) {
    throw new UsageError(`--port takes a number from ${lowest} to 65535, not ${JSON.stringify(text)}`);
  }
  return port;
}

/**
 * Reads a switch.
 * @param flag its name, for the error.
 * @throws {UsageError}
 */
export function parseSwitch(text: string, flag: string): 'on' | 'off' {
  if (text === 'on' || text === 'off') return text;
  throw new UsageError(`${flag} takes on or off, not ${JSON.stringify(text)}`);
}

/**
 * Reads a number.
 * @param flag its name, for the error.
 * @throws {UsageError} for what is no whole number from 1 to `most`.
 */
export function parseCount(text: string, flag: string, most: number): number {
  const value = Number(text);
  if (/^\d{1,15}$/.test(text) && value >= 1 && value <= most) return value;
  throw new UsageError(`${flag} takes whole numbers from 1 to ${most}, not ${JSON.stringify(text)}`);
}

/**
 * Reads a web origin as a browser sends it.
 * @param flag its name, for the error.
 * @throws {UsageError}
 */
export function parseOrigin(text: string, flag: string): string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.origin === text) return text;
  throw new UsageError(
    `${flag} takes scheme, host and port, such as https://board.example.com or http://localhost:3000, not ${JSON.stringify(text)}`,
  );
}

const secondsPerUnit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * Reads a duration such as `90`, `90s`, `15m`, `1h` or `7d`.
 * @returns seconds.
 * @throws {UsageError}
 */
export function parseDuration(text: string): number {
  const match = /^(\d{1,9})([smhd]?)$/.exec(text);
  const seconds = Number(match?.[1]) * (secondsPerUnit[match?.[2] ?? ''] ?? 1);
  if (match === null || seconds === 0) {
    throw new UsageError(
      `--expires takes a duration such as 90s, 15m, 1h or 7d, not ${JSON.stringify(text)}`,
    );
  }
  return seconds;
}
