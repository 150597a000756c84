import type { StageConfig } from '../lib/config/stage-schema.ts';
import type { Month } from './bill.ts';
import { monthOf } from './bill.ts';
import { clientPackage, eventSource } from './clients.ts';
import type { ScaleCommand } from './command-line.ts';
import type { ScaleHost } from './hosts.ts';
import type { Limit } from './limits.ts';
import { limitsOf } from './limits.ts';
import type { Load, Spread } from './scenario.ts';
import { loadOf } from './scenario.ts';
import type { StormResult } from './storm.ts';
import { simulateStorm } from './storm.ts';

/** What is said of one number of streams, spread in one way, with one host. */
export interface ScaleResult extends Pick<Load, 'streams' | 'open' | 'processes' | 'readers'> {
  readonly spread: Spread;
  readonly host: string;
  /** In the order in which they are reached. */
  readonly limits: readonly Limit[];
  /** By how many places there are, as many times the streams that are open. */
  readonly storms: readonly {
    readonly places: number;
    readonly eventSource: StormResult;
    readonly clientPackage: StormResult;
  }[];
  readonly month: Month;
}

/** Simulates all that is asked for. */
export function simulate(command: ScaleCommand, stage: StageConfig): ScaleResult[] {
  const { spreads, hosts, usage, headrooms, seed } = command;
  const native = eventSource([stage.retryMinMs, stage.retryMaxMs]);
  const resultOf = (spread: Spread, streams: number, host: ScaleHost): ScaleResult => {
    const scenario = { ...usage, streams, spread, host, stage };
    const load = loadOf(scenario);
    const { open, processes, readers } = load;
    // What containers have does not depend on what AWS gives.
    const own = host.kind === 'container' ? [host.placesPerProcess / host.streamsPerProcess] : headrooms;
    return {
      streams,
      spread,
      host: host.name,
      open,
      processes,
      readers,
      limits: limitsOf(scenario),
      storms: own.map((headroom) => ({
        places: headroom,
        eventSource: simulateStorm(load, native, { seed, headroom }),
        clientPackage: simulateStorm(load, clientPackage, { seed, headroom }),
      })),
      month: monthOf(load),
    };
  };
  return spreads.flatMap((spread) =>
    command.streams.flatMap((streams) => hosts.map((host) => resultOf(spread, streams, host))),
  );
}
