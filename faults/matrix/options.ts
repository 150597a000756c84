import { randomInt } from 'node:crypto';
import { UsageError } from '../../commands/command-line.ts';
import type { Flags } from '../../commands/command-line.ts';
import type { StreamHost } from '../../local/template/synthesize.ts';
import { streamHosts } from '../../local/template/synthesize.ts';
import type { Row, Scale } from './row.ts';
import { rows } from '../rows/index.ts';

/** What to run. */
export interface FaultOptions {
  readonly seed: number;
  /** What hosts the streams. */
  readonly host: StreamHost;
  readonly rows: readonly Row[];
  readonly scale: Scale;
  /** Minutes of a soak; undefined for the rows one by one. */
  readonly soakMinutes: number | undefined;
  /** File for the results as JSON. */
  readonly json: string | undefined;
}

export const help = `npm run -s faults -- [--seed N] [--rows NAME,...] [--scale short|full]
                     [--host HOST] [--own-rows] [--soak MINUTES] [--json FILE]

  --seed N         choices of an earlier run, which printed its seed (default: others each time)
  --rows LIST      only these rows, by name or a part of it (default: all of them)
  --scale full     more changes a row (default: short)
  --host HOST      what hosts the streams: ${streamHosts.join(', ')} (default: ${streamHosts[0]}); some have rows of their own
  --own-rows       only those rows
  --soak MINUTES   200 streams and 10 changes a second under one fault after the other, for so long
  --json FILE      writes the table as JSON too

The rows: ${rows.map(({ name }) => name).join(', ')}.`;

const highestSeed = 2 ** 31 - 1;

export const options = {
  seed: { type: 'string' },
  rows: { type: 'string' },
  scale: { type: 'string', default: 'short' },
  host: { type: 'string', default: streamHosts[0] },
  'own-rows': { type: 'boolean', default: false },
  soak: { type: 'string' },
  json: { type: 'string' },
} as const;

/**
 * Reads the options.
 * @throws {UsageError} for what is not understood.
 */
export function readOptions(flags: Flags<typeof options>): FaultOptions {
  const { scale } = flags;
  if (scale !== 'short' && scale !== 'full') {
    throw new UsageError(`--scale takes short or full, not ${JSON.stringify(scale)}`);
  }
  const host = streamHosts.find((known) => known === flags.host);
  if (host === undefined)
    throw new UsageError(`--host takes ${streamHosts.join(' or ')}, not ${JSON.stringify(flags.host)}`);
  const ofHost = rows.filter(({ hosts }) => hosts?.includes(host) ?? !flags['own-rows']);
  return {
    host,
    seed: flags.seed === undefined ? randomInt(highestSeed) : readSeed(flags.seed),
    rows:
      flags.rows === undefined
        ? ofHost
        : [...new Set(flags.rows.split(',').flatMap((text) => findRows(text, ofHost)))],
    scale,
    soakMinutes: flags.soak === undefined ? undefined : readMinutes(flags.soak),
    json: flags.json,
  };
}

function readSeed(text: string): number {
  const seed = Number(text);
  if (/^\d{1,10}$/.test(text) && seed <= highestSeed) return seed;
  throw new UsageError(`--seed takes a whole number to ${highestSeed}, not ${JSON.stringify(text)}`);
}

function readMinutes(text: string): number {
  const minutes = Number(text);
  if (/^\d{1,4}$/.test(text) && minutes > 0) return minutes;
  throw new UsageError(`--soak takes a number of minutes, not ${JSON.stringify(text)}`);
}

function findRows(text: string, among: readonly Row[]): readonly Row[] {
  const found = among.filter(({ name }) => name.includes(text));
  if (text !== '' && found.length > 0) return found;
  throw new UsageError(`no row is named ${JSON.stringify(text)}`);
}
