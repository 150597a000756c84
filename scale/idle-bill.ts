import { readFileSync } from 'node:fs';
import type { BenchResult, IdleResult } from '../bench/results.ts';
import { markdownTable } from '../commands/markdown-table.ts';
import type { StageConfig } from '../lib/config/stage-schema.ts';
import { dollarsFor, prices } from '../lib/operations/prices.ts';
import { dollarsOf } from '../operate/cost/bill.ts';
import { oneHour } from '../operate/cost/stream-tables.ts';
import { streamUnits } from '../operate/cost/stream-units.ts';
import { number } from '../operate/cost/text.ts';
import { gigabyte } from '../operate/cost/unit-lines.ts';

const figuresFile = new URL('../docs/performance.json', import.meta.url);

/** What idle streams of a Web Function on a laptop took, by their number, as `npm run bench -- --idle` has written it. */
export function measuredIdle(): readonly IdleResult[] {
  const { idle = [] } = JSON.parse(readFileSync(figuresFile, 'utf8')) as BenchResult;
  return idle.filter(({ host }) => host === 'web-function').toSorted((a, b) => a.streams - b.streams);
}

/** What one hour of a stream costs. */
export interface IdleHour {
  readonly streams: number;
  /** With `function`, US dollars. */
  readonly ofFunction: number;
  /** Of tables, requests and data, and what its part of a process would cost at Fargate's rates. */
  readonly others: number;
  readonly atFargate: number;
}

/** The hour of a stream for each number of streams that was measured. */
export function idleHours(stage: StageConfig, measured: readonly IdleResult[]): readonly IdleHour[] {
  const ofFunction = dollarsOf(streamUnits(stage, oneHour));
  return measured.map((idle) => {
    const { streams, seconds, processorSeconds, residentBytes, readUnits, writeUnits, connects, bytes } =
      idle;
    const anHour = 3600 / seconds / streams;
    const others =
      dollarsFor(prices.reads, readUnits) +
      dollarsFor(prices.writes, writeUnits) +
      dollarsFor(prices.edgeRequests, connects) +
      dollarsFor(prices.edgeRuns, connects) +
      dollarsFor(prices.edgeData, bytes / gigabyte);
    const process =
      dollarsFor(prices.taskProcessors, (processorSeconds / 3600) * anHour) +
      dollarsFor(prices.taskMemory, residentBytes / 2 ** 30 / streams);
    return { streams, ofFunction, others: others * anHour, atFargate: process };
  });
}

/** What a Web Function may cost until it costs as much as `function`. */
export function idleTable(stage: StageConfig, measured: readonly IdleResult[]): string {
  return markdownTable(
    [
      'streams of one workspace',
      'tables, requests and data, $ a stream-hour',
      "process at Fargate's rates, $ a stream-hour",
      '`function`, $ a stream-hour',
      'costs less by a factor of',
      "costs as much at so many times Fargate's rates",
    ],
    idleHours(stage, measured).map(({ streams, ofFunction, others, atFargate }) => [
      String(streams),
      others.toFixed(6),
      atFargate.toFixed(6),
      ofFunction.toFixed(4),
      number(ofFunction / (others + atFargate), 1),
      number((ofFunction - others) / atFargate, 1),
    ]),
  );
}
