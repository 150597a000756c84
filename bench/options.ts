import { parseFlags } from '../local/command-line.ts';
import { StartFailure } from '../local/start-failure.ts';

/** What to measure. */
export interface BenchOptions {
  /** Numbers of streams, one scenario each. */
  readonly streams: readonly number[];
  /** Writes a second. */
  readonly rate: number;
  /** Length of the measured phase. */
  readonly seconds: number;
  /** File for the results as JSON. */
  readonly json: string | undefined;
  /** Values that replace environment variables of the functions. */
  readonly environment: Readonly<Record<string, string>>;
  /** Directory for processor profiles of the stack's processes. */
  readonly profileDirectory: string | undefined;
}

export const help = `npm run bench -- [--streams 1,100,1000] [--rate 20] [--seconds 20] [--json FILE]
                        [--set NAME=VALUE]... [--profile DIR]

  --streams LIST    numbers of open streams, one run each (default 1,100,1000)
  --rate N          writes a second, 1 to 1000 (default 20)
  --seconds N       length of each measured phase, 1 to 200 (default 20)
  --json FILE       writes the results as JSON too
  --set NAME=VALUE  replaces an environment variable of the functions, such as POLL_MIN_MS=250
  --profile DIR     writes a .cpuprofile of each process of the stack; the numbers of such a run do not count`;

/**
 * Reads the command line.
 *
 * @returns undefined when the help is asked for
 * @throws StartFailure for what is not understood
 */
export function readOptions(): BenchOptions | undefined {
  const flags = parseFlags(
    {
      options: {
        streams: { type: 'string', default: '1,100,1000' },
        rate: { type: 'string', default: '20' },
        seconds: { type: 'string', default: '20' },
        json: { type: 'string' },
        set: { type: 'string', multiple: true, default: [] },
        profile: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    } as const,
    'npm run bench -- --help',
  );
  if (flags.help === true) return undefined;
  return {
    streams: flags.streams.split(',').map((text) => wholeNumber('--streams', text, 10_000)),
    rate: wholeNumber('--rate', flags.rate, 1000),
    // A session lasts five minutes less a tenth; one that ends within the measurement would count as a failure.
    seconds: wholeNumber('--seconds', flags.seconds, 200),
    json: flags.json,
    environment: Object.fromEntries(flags.set.map(readSetting)),
    profileDirectory: flags.profile,
  };
}

function readSetting(text: string): [name: string, value: string] {
  const [, name, value] = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new StartFailure(`--set takes NAME=VALUE, not ${JSON.stringify(text)}`);
  }
  return [name, value];
}

function wholeNumber(flag: string, text: string, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > most) {
    throw new StartFailure(`${flag} takes whole numbers from 1 to ${most}, not ${JSON.stringify(text)}`);
  }
  return value;
}
