import { feedJitter, feedPollMs } from '../../core/awareness/feed.ts';
import { sessionJitter } from '../../core/session/planned-ends.ts';
import { functionMemory } from '../../lib/functions/function-memory.ts';
import { dollarsOf } from './bill.ts';
import { frameBytes } from './frame-bytes.ts';
import { measured } from './measured.ts';
import { renewalUnits, snapshotReads, streamPresenceUnits } from './presence-units.ts';
import { prices } from '../../lib/operations/prices.ts';
import type { Open } from './stream-units.ts';
import { sessionOf, streamUnits } from './stream-units.ts';
import { number } from './text.ts';
import { markdownTable } from '../../commands/markdown-table.ts';
import type { BilledStage, UnitLine } from './unit-lines.ts';

/** One stream, open for an hour, in a workspace with nobody else. */
export const oneHour: Open = {
  seconds: 3600,
  perWorkspace: 1,
  changesPerHour: 0,
  newClients: 0,
  handsOver: false,
};

/** A row of a table: a part, how it comes about, and the units that are its price. */
export interface Row {
  readonly part: string;
  readonly formula: string;
  readonly lines: readonly UnitLine[];
}

/** Those of some units that are for these parts. */
export function only(lines: readonly UnitLine[], ...parts: readonly string[]): UnitLine[] {
  return lines.filter(({ part }) => parts.includes(part));
}

/** How many units of a price there are. */
export function quantityOf(lines: readonly UnitLine[], price: UnitLine['price']): number {
  return lines.filter((line) => line.price === price).reduce((sum, { quantity }) => sum + quantity, 0);
}

/** A table of rows with their sum. Of what is not in one of the rows the reader would not know. */
function hourTable(rows: readonly Row[]): string {
  const sum = dollarsOf(rows.flatMap(({ lines }) => lines));
  return markdownTable(
    ['part', 'formula', '$ an hour'],
    [
      ...rows.map(({ part, formula, lines }) => [part, formula, dollarsOf(lines).toFixed(6)]),
      ['**sum**', '', `**${sum.toFixed(5)}**`],
    ],
  );
}

/** An hour of one open stream that hears of nothing. */
export function streamTable(stage: BilledStage): string {
  const lines = streamUnits(stage, oneHour);
  const session = sessionOf(stage, 0);
  const sessions = 3600 / session.seconds;
  const polls = only(lines, 'polls');
  const connections = only(lines, 'connections');
  const [logReads, headReads] = [sessions * session.logReads, sessions * session.headReads];
  const looks = sessions * session.looks;
  const drains = sessions * session.drainReads;
  const { session: sessionBytes, ping, resume } = frameBytes(stage.paddingBytes).stream;
  const { stream } = functionMemory;
  const requests = dollarsOf([
    { part: '', price: 'edgeRequests', quantity: 1 },
    { part: '', price: 'edgeRuns', quantity: 1 },
  ]);
  const { invocation, session: ofSession, minute } = measured.logBytes;
  return hourTable([
    {
      part: 'compute',
      formula: `${stream / 1024} GB × 3,600 s × $${prices.compute.dollars}`,
      lines: only(lines, 'compute'),
    },
    {
      part: 'polls',
      formula: `a read of the log ${number(logReads)} times, about as often as pollMaxMs has it, × 0.5, and of its head ${number(headReads)} times × 1 = ${number(quantityOf(polls, 'reads'))} RRU`,
      lines: polls,
    },
    {
      part: 'sessions',
      formula: `3,600 s ÷ ${number(session.seconds)} s (sessionSeconds less up to ${sessionJitter * 100} %) = ${number(sessions, 1)} invocations`,
      lines: only(lines, 'sessions'),
    },
    {
      part: 'connections',
      formula: `${number(sessions, 1)} × ${number((quantityOf(connections, 'reads') - (looks + drains) / 2) / sessions, 1)} RRU and ${number(quantityOf(connections, 'writes') / sessions)} WRU to be let in, counted and forgotten; ${number(looks)} looks at what must end and ${number(drains)} at the drain marker × 0.5`,
      lines: connections,
    },
    {
      part: 'logs',
      formula: `${number(sessions, 1)} × about ${number((invocation + ofSession) / 1000, 1)} KB, and ${number(minute / 1000, 1)} KB a minute`,
      lines: only(lines, 'logs'),
    },
    {
      part: 'edge and data',
      formula: `${number(sessions, 1)} × $${requests.toFixed(7)}; ${number(sessions * session.pings)} pings of ${ping} bytes, and ${number(sessionBytes + resume)} bytes a session`,
      lines: only(lines, 'edge', 'data'),
    },
  ]);
}

/** What presence adds to one of many streams that hear nothing new of each other. */
export function presenceTable(stage: BilledStage, viewers: number): string {
  const renewals = 3600 / measured.renewalSeconds;
  const open = { ...oneHour, perWorkspace: viewers };
  const said = renewalUnits(stage, renewals, viewers);
  const heard = streamPresenceUnits(stage, open);
  const own = only(said, 'their units');
  const reads = quantityOf(own, 'reads') / renewals;
  const writes = quantityOf(own, 'writes') / renewals;
  const sessions = 3600 / sessionOf(stage, 0).seconds;
  const pollMs = ((feedJitter[0] + feedJitter[1]) / 2) * feedPollMs;
  const polls = only(heard, 'polls of presence');
  const snapshots = only(heard, 'snapshots', 'data');
  return hourTable([
    {
      part: 'renewals',
      formula: `${number(renewals)} × (an HTTP API request, an invocation, ${functionMemory.tasks / 1024} GB × about ${measured.milliseconds.renewal} ms, ${number(measured.logBytes.invocation + measured.logBytes.access)} bytes of log, the edge)`,
      lines: only(said, 'renewals', 'logs', 'edge', 'data'),
    },
    {
      part: 'their units',
      formula: `${number(renewals)} × (${number(reads, 1)} RRU + ${number(writes)} WRU)`,
      lines: own,
    },
    {
      part: 'polls',
      formula: `3,600 s ÷ ${number(pollMs + measured.readMs)} ms = ${number(2 * quantityOf(polls, 'reads'))} × 0.5 RRU of what was said`,
      lines: polls,
    },
    {
      part: 'snapshots',
      formula: `${number(sessions, 1)} sessions × ${number(snapshotReads(viewers), 1)} RRU, and what they tell`,
      lines: snapshots,
    },
    {
      part: 'looks',
      formula: `${number(quantityOf(only(heard, 'looks'), 'reads'))} RRU, a quarter of one a second at the most`,
      lines: only(heard, 'looks'),
    },
  ]);
}
