import { parseCount, UsageError } from '../commands/command-line.ts';
import type { Flags } from '../commands/command-line.ts';
import type { StreamHost } from '../local/template/synthesize.ts';
import { streamHosts } from '../local/template/synthesize.ts';
import type { SubjectName } from './results.ts';
import { peers } from './results.ts';

/** How many frames a second the load generator is made for, on a machine that it shares with what it measures. */
const mostFrames = 20_000;

/** What to measure. */
export interface BenchOptions {
  /** One scenario each with each number of streams. */
  readonly subjects: readonly SubjectName[];
  /** Numbers of streams, one scenario each. */
  readonly streams: readonly number[];
  /** How many streams of other workspaces are open besides, in each of the scenarios. */
  readonly held: number;
  /** Writes a second. */
  readonly rate: number;
  /** Length of the measured phase. */
  readonly seconds: number;
  /** Length of the phase before it that is not measured. */
  readonly warmUpSeconds: number;
  /** How often each function's module is loaded. */
  readonly loads: number;
  /** Whether docs/PERFORMANCE.md gets the figures. */
  readonly writesTables: boolean;
  /** File for the results as JSON. */
  readonly json: string | undefined;
  /** Values that replace environment variables of the functions. */
  readonly environment: Readonly<Record<string, string>>;
  /** How long idle streams are measured instead, seconds; undefined where they are not. */
  readonly idleSeconds: number | undefined;
  /** Directory for processor profiles of the stack's processes. */
  readonly profileDirectory: string | undefined;
}

export const help = `npm run bench -- [--streams 1,100,1000] [--rate 20] [--seconds 20] [--warm-up 3] [--hosts function]
                        [--peers] [--held N] [--loads 9] [--idle N] [--json FILE] [--set NAME=VALUE]... [--profile DIR]

  --streams LIST    numbers of open streams, one run each with each host that has room for them (default 1,100,1000)
  --rate N          writes a second, 1 to 1000 (default 20); fewer where that made more than ${mostFrames} frames a second
  --seconds N       length of each measured phase, 1 to 200 (default 20)
  --warm-up N       length of the phase before that is not measured, 0 to 20 (default 3)
  --hosts LIST      what hosts the streams: ${streamHosts.join(', ')} (default function)
  --peers           in the same run also ${peers.join(' and ')}, which do the same; npm installs them into .taskwire/peers
  --held N          so many streams of other workspaces besides, up to 20000, told of nothing (default none)
  --loads N         how often each function is loaded, for the median of the times (default 9)
  --idle N          instead: streams that are told of nothing for N seconds, 1 to 3300, all numbers and hosts at the same time
  --write-tables    writes the figures of docs/PERFORMANCE.md anew, and docs/performance.json
  --json FILE       writes the results as JSON too
  --set NAME=VALUE  replaces an environment variable of the functions, such as POLL_MIN_MS=250
  --profile DIR     writes a .cpuprofile of each process of the stack; the numbers of such a run do not count`;

export const flags = {
  streams: { type: 'string', default: '1,100,1000' },
  rate: { type: 'string', default: '20' },
  seconds: { type: 'string', default: '20' },
  'warm-up': { type: 'string', default: '3' },
  hosts: { type: 'string', default: 'function' },
  peers: { type: 'boolean' },
  held: { type: 'string' },
  loads: { type: 'string', default: '9' },
  idle: { type: 'string' },
  'write-tables': { type: 'boolean' },
  json: { type: 'string' },
  set: { type: 'string', multiple: true, default: [] as string[] },
  profile: { type: 'string' },
} as const;

/**
 * Reads the options.
 * @throws {UsageError} for what is not understood.
 */
export function readOptions(given: Flags<typeof flags>): BenchOptions {
  for (const apart of ['held', 'idle'] as const) {
    if (given.peers === true && given[apart] !== undefined) {
      throw new UsageError(
        `--peers and --${apart} do not go together: the peers have no workspaces, and nothing to poll`,
      );
    }
  }
  return {
    subjects: [...given.hosts.split(',').map(readHost), ...(given.peers === true ? peers : [])],
    streams: given.streams.split(',').map((text) => parseCount(text, '--streams', 10_000)),
    held: given.held === undefined ? 0 : parseCount(given.held, '--held', 20_000),
    rate: parseCount(given.rate, '--rate', 1000),
    // A session lasts five minutes less a tenth; one that ends within the measurement would count as a failure.
    seconds: parseCount(given.seconds, '--seconds', 200),
    warmUpSeconds: given['warm-up'] === '0' ? 0 : parseCount(given['warm-up'], '--warm-up', 20),
    loads: parseCount(given.loads, '--loads', 1000),
    // The tokens live for an hour.
    idleSeconds: given.idle === undefined ? undefined : parseCount(given.idle, '--idle', 3300),
    writesTables: given['write-tables'] === true,
    json: given.json,
    environment: Object.fromEntries(given.set.map(readSetting)),
    profileDirectory: given.profile,
  };
}

function readHost(text: string): StreamHost {
  const host = streamHosts.find((each) => each === text);
  if (host === undefined) throw new UsageError(`--hosts takes ${streamHosts.join(', ')}, not ${text}`);
  return host;
}

function readSetting(text: string): [name: string, value: string] {
  const [, name, value] = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new UsageError(`--set takes NAME=VALUE, not ${JSON.stringify(text)}`);
  }
  return [name, value];
}

/** The most streams of a host on a laptop, with a margin: a process of Node for each 64 of them, or two tasks of 1,024. */
const mostOnLaptop: Partial<Record<SubjectName, number>> = { 'web-function': 1000, container: 1800 };

/** The most streams that a subject is measured with. */
export function mostStreamsOn(subject: SubjectName): number {
  return mostOnLaptop[subject] ?? Infinity;
}

/** Writes a second with so many streams: at the most as many as the load generator is made for. */
export function rateOf({ rate }: Pick<BenchOptions, 'rate'>, streams: number): number {
  return Math.max(1, Math.min(rate, Math.floor(mostFrames / streams)));
}
