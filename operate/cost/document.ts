import type { Numbers } from '../../commands/document-numbers.ts';
import { markdownTable } from '../../commands/markdown-table.ts';
import { billedMetrics } from '../../lambdas/shared/signals/metrics.ts';
import type { StageConfig } from '../../lib/config/stage-schema.ts';
import { alarmReads } from '../../lib/operations/alarm-table.ts';
import { endingSoonMs } from '../../core/connections/admission.ts';
import { billOf, dollarsOf } from './bill.ts';
import { canaryUnits } from './canary-units.ts';
import { containerNumbers } from './container-tables.ts';
import { monthHours } from './container-units.ts';
import { newTasksTable, pushTable } from './change-tables.ts';
import { frameBytes } from './frame-bytes.ts';
import { gaugeTable, gaugeUnits } from './gauge-units.ts';
import type { Usage } from './hosts.ts';
import { hosts, openSeconds } from './hosts.ts';
import { renewalUnits, socketPresenceUnits, streamPresenceUnits } from './presence-units.ts';
import type { PriceName } from '../../lib/operations/prices.ts';
import { dollarsFor, prices } from '../../lib/operations/prices.ts';
import { oneHour, only, presenceTable, quantityOf, streamTable } from './stream-tables.ts';
import { onLambda, streamUnits } from './stream-units.ts';
import { switchPoint } from './switch-point.ts';
import { listPrice, money, number } from './text.ts';
import type { BilledStage } from './unit-lines.ts';
import { measured } from './measured.ts';

const perHundredTabs: Usage = {
  streams: 100,
  hours: 8,
  days: 22,
  workspaces: 1,
  changesPerHour: 0,
  presence: false,
};
/** The settings that the document's numbers depend on. */
type DocumentedStage = BilledStage & Pick<StageConfig, 'gaugeMinutes'>;

const million = 1_000_000;
const viewers = 1000;

const priced = (price: PriceName, quantity: number): number => dollarsFor(prices[price], quantity);

function priceTable(): string {
  return markdownTable(
    ['what', 'price'],
    Object.values(prices).map((price) => [price.label, listPrice(price)]),
  );
}

/** What a month of a hundred boards costs with each host, by how much happens. */
function hostTable(stage: BilledStage): string {
  const rates = [0, 60, 300, 3000, 15_000];
  return markdownTable(
    ['changes of the workspace', ...hosts.map(({ title }) => title)],
    rates.map((changesPerHour) => [
      changesPerHour === 0 ? 'none' : `${number(changesPerHour)} an hour`,
      ...hosts.map((host) => money(billOf(host, stage, { ...perHundredTabs, changesPerHour }).sum)),
    ]),
  );
}

function switchRate(stage: BilledStage): string {
  const [sse, websocket] = hosts;
  const found = switchPoint([sse!, websocket!], stage, perHundredTabs, 'changesPerHour');
  return found === undefined ? 'no' : number(found.at);
}

/** A stream while so much happens in its workspace that it polls at its fastest. */
function fastPolls(stage: BilledStage): { readonly units: number; readonly dollars: number } {
  const polls = 3_600_000 / (stage.pollMinMs + onLambda.readMs);
  return { units: polls / 2, dollars: priced('reads', polls / 2) };
}

function streamNumbers(stage: BilledStage): Numbers {
  const lines = streamUnits(stage, oneHour);
  const hour = dollarsOf(lines);
  const compute = dollarsOf(only(lines, 'compute'));
  const hours = openSeconds(perHundredTabs) / 3600;
  const [sse] = hosts;
  const tabs = billOf(sse!, stage, perHundredTabs).sum;
  const eventBytes = frameBytes(stage.paddingBytes).stream.change;
  const fast = fastPolls(stage);
  const gigabytes = (million * eventBytes) / 1_000_000_000;
  return {
    'an hour of one open stream': () => streamTable(stage),
    'a month of 100 tabs': () => `${number(hours)} stream-hours: **$${number(tabs)}**`,
    'handing over': () => `${number(endingSoonMs / 1000)} s`,
    'part of compute': () => `${number((compute / hour) * 100)} %`,
    'fast polls': () => `${number(fast.units)} RRU, $${fast.dollars.toFixed(4)} an hour`,
    'free stream-hours': () =>
      `${number(400_000 / quantityOf(only(lines, 'compute'), 'compute'))} stream-hours`,
    streamed: () => listPrice(prices.streamed),
    'an event': () => `${number(eventBytes / 1000, 1)} KB`,
    'a million events': () => `${number(gigabytes, 1)} GB, **${money(priced('edgeData', gigabytes))}**`,
    'a month of all streams': () =>
      `100 × ${monthHours} × $${hour.toFixed(5)} = $${number(100 * monthHours * hour)}`,
  };
}

function presenceNumbers(stage: BilledStage): Numbers {
  const renewals = 3600 / measured.renewalSeconds;
  const stream = dollarsOf(streamUnits(stage, oneHour));
  const all = [
    ...renewalUnits(stage, renewals, viewers),
    ...streamPresenceUnits(stage, { ...oneHour, perWorkspace: viewers }),
  ];
  const socket = socketPresenceUnits(stage, { perWorkspace: viewers, connects: 0, pings: 0, renewals });
  return {
    'an hour of presence': () => presenceTable(stage, viewers),
    'presence of a stream': () => `${number((dollarsOf(all) / stream) * 100)} %`,
    'a change of presence': () => {
      const { connectionReads: reads, connectionWrites: writes } = measured.units.presenceChange;
      const cost = priced('reads', reads) + priced('writes', writes);
      return `${writes} WRU and ${reads} RRU ($${cost.toFixed(6)})`;
    },
    'presence of a WebSocket': () => `$${dollarsOf(socket).toFixed(4)}`,
  };
}

/** A month of the canary: what its runs use up, its alarm, and the metrics that are sent in each hour for it. */
function canaryMonth(stage: BilledStage, everyMinutes: number): string {
  const used = dollarsOf(canaryUnits(stage, (monthHours * 60) / everyMinutes));
  const alarm = priced('alarms', alarmReads('canary'));
  const { metrics } = measured.canary;
  return `${money(used)} for what it uses, ${money(alarm)} for its alarm, and ${metrics} × $${prices.metrics.dollars.toFixed(2)} = ${money(priced('metrics', metrics))} for metrics`;
}

/** What so many metrics cost that are sent in each hour. */
function metricsMonth(metrics: number): string {
  return `${metrics} × $${prices.metrics.dollars.toFixed(2)} = **${money(priced('metrics', metrics))}** a month`;
}

/** What the gauge costs, by how often it runs in a month. */
function gaugeNumbers({ gaugeMinutes }: DocumentedStage): Numbers {
  const count = (monthHours * 60) / gaugeMinutes;
  const metrics = billedMetrics('gauge');
  const used = dollarsOf(gaugeUnits(count, { streams: 0, sockets: 0 }));
  const day = (priced('metrics', metrics) + used) / 30;
  return {
    'metrics of the gauge': () => metricsMonth(metrics),
    'a month of the gauge': () => gaugeTable(count),
    'a day of the gauge': () =>
      `(${metrics} × $${prices.metrics.dollars.toFixed(2)} + ${money(used)}) / 30 = **$${day.toFixed(3)}**`,
  };
}

function otherNumbers(stage: BilledStage): Numbers {
  const alarms = alarmReads('every stage');
  const firewall = prices.firewall.dollars + prices.firewallRules.dollars;
  const users = 12_000 - 10_000;
  const keyWrites = 3;
  return {
    prices: priceTable,
    alarms: () =>
      `${alarms} × $${prices.alarms.dollars.toFixed(2)} / 30 = **$${(priced('alarms', alarms) / 30).toFixed(3)}**`,
    'alarms a month': () => `$${priced('alarms', alarms).toFixed(2)} a month`,
    metrics: () => metricsMonth(billedMetrics()),
    canary: () => canaryMonth(stage, 5),
    firewall: () =>
      `($${prices.firewall.dollars} + $${prices.firewallRules.dollars}) / 30 = **$${(firewall / 30).toFixed(2)}**`,
    recovery: () => `$${prices.recovery.dollars.toFixed(2)} a month`,
    users: () => `(12,000 − 10,000) × $${prices.users.dollars} = **$${number(priced('users', users))}**`,
    'a million new tasks': () => newTasksTable(stage),
    'idempotency key': () => `${keyWrites} WRU ($${priced('writes', keyWrites * million).toFixed(2)})`,
    'a million pushed changes': () => pushTable(stage),
    'hosts side by side': () => hostTable(stage),
    'switch by changes': () => switchRate(stage),
  };
}

/** All numbers of docs/DEPLOY.md, for a stage with the usual settings and the edge. */
export function numbersOf(stage: DocumentedStage): Numbers {
  return {
    ...otherNumbers(stage),
    ...gaugeNumbers(stage),
    ...streamNumbers(stage),
    ...presenceNumbers(stage),
    ...containerNumbers(stage),
  };
}
