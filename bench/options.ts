import { parseCount, UsageError } from '../commands/command-line.ts';
import type { Flags } from '../commands/command-line.ts';

/** What to measure. */
export interface BenchOptions {
  /** Numbers of streams, one scenario each. */
  readonly streams: readonly number[];
  /** Writes a second. */
  readonly rate: number;
  /** Length of the measured phase. */
  readonly seconds: number;
  /** How often each function's module is loaded. */
  readonly loads: number;
  /** File for the results as JSON. */
  readonly json: string | undefined;
  /** Values that replace environment variables of the functions. */
  readonly environment: Readonly<Record<string, string>>;
  /** Directory for processor profiles of the stack's processes. */
  readonly profileDirectory: string | undefined;
}

export const help = `npm run bench -- [--streams 1,100,1000] [--rate 20] [--seconds 20] [--loads 9] [--json FILE]
                        [--set NAME=VALUE]... [--profile DIR]

  --streams LIST    numbers of open streams, one run each (default 1,100,1000)
  --rate N          writes a second, 1 to 1000 (default 20)
  --seconds N       length of each measured phase, 1 to 200 (default 20)
  --loads N         how often each function is loaded, for the median of the times (default 9)
  --json FILE       writes the results as JSON too
  --set NAME=VALUE  replaces an environment variable of the functions, such as POLL_MIN_MS=250
  --profile DIR     writes a .cpuprofile of each process of the stack; the numbers of such a run do not count`;

export const flags = {
  streams: { type: 'string', default: '1,100,1000' },
  rate: { type: 'string', default: '20' },
  seconds: { type: 'string', default: '20' },
  loads: { type: 'string', default: '9' },
  json: { type: 'string' },
  set: { type: 'string', multiple: true, default: [] as string[] },
  profile: { type: 'string' },
} as const;

/**
 * Reads the options.
 * @throws {UsageError} for what is not understood.
 */
export function readOptions(given: Flags<typeof flags>): BenchOptions {
  return {
    streams: given.streams.split(',').map((text) => parseCount(text, '--streams', 10_000)),
    rate: parseCount(given.rate, '--rate', 1000),
    // A session lasts five minutes less a tenth; one that ends within the measurement would count as a failure.
    seconds: parseCount(given.seconds, '--seconds', 200),
    loads: parseCount(given.loads, '--loads', 1000),
    json: given.json,
    environment: Object.fromEntries(given.set.map(readSetting)),
    profileDirectory: given.profile,
  };
}

function readSetting(text: string): [name: string, value: string] {
  const [, name, value] = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new UsageError(`--set takes NAME=VALUE, not ${JSON.stringify(text)}`);
  }
  return [name, value];
}
