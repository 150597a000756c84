import { columns } from '../../commands/columns.ts';
import type { Bill } from './bill.ts';
import type { Host, Usage } from './hosts.ts';
import { hosts } from './hosts.ts';
import { freeTiers, priceList, prices } from '../../lib/operations/prices.ts';
import type { Axis, SwitchPoint } from './switch-point.ts';
import { switchPoint } from './switch-point.ts';
import { listPrice, money, number } from './text.ts';
import type { BilledStage } from './unit-lines.ts';

/** What a bill is made for. */
export interface Scenario {
  readonly usage: Usage;
  readonly stage: BilledStage & { readonly name: string };
}

const axes: Readonly<Record<Axis, { readonly title: string; readonly say: (value: number) => string }>> = {
  changesPerHour: {
    title: 'changes of a workspace',
    say: (value) => `${number(value)} an hour (${number(value / 60, 1)} a minute)`,
  },
  streams: { title: 'open at a time', say: (value) => number(value) },
};

/** Where each two hosts change places, all else being as it is. */
function switchPoints({ usage, stage }: Scenario, all: readonly Host[]): SwitchPoint[] {
  const pairs = all.flatMap((one, index) => all.slice(index + 1).map((other) => [one, other] as const));
  const found = pairs.flatMap((pair) =>
    (Object.keys(axes) as Axis[]).map((axis) => switchPoint(pair, stage, usage, axis)),
  );
  return found.filter((each) => each !== undefined);
}

/** The same in words, a line each. */
export function switchLines(scenario: Scenario, all: readonly Host[] = hosts): string[] {
  return switchPoints(scenario, all).map(({ axis, at, below, above }) => {
    const { title, say } = axes[axis];
    const here = say(scenario.usage[axis]);
    return `${title}: below ${say(at)} ${below.title} cost less, from there on ${above.title}; here it is ${here}`;
  });
}

function headLines({ usage, stage }: Scenario): string[] {
  const { streams, hours, days, workspaces, changesPerHour, presence } = usage;
  return [
    `A month with ${number(streams)} boards open for ${hours} hours on ${days} days, in ${number(workspaces)} ${
      workspaces === 1 ? 'workspace' : 'workspaces'
    } of ${number(changesPerHour)} changes an hour${presence ? ', with presence' : ''}.`,
    `Stage ${stage.name}, edge ${stage.edge}. List prices of ${priceList.region} of ${priceList.date}, without free tiers and taxes.`,
  ];
}

/** Bills side by side, for a terminal. */
function billTable(bills: readonly Bill[]): string {
  const isPaid = (name: string): boolean => bills.some(({ lines }) => lines.has(name));
  const names = new Set([...Object.keys(prices), ...bills.flatMap(({ lines }) => [...lines.keys()])]);
  const rows: string[][] = [['', 'price', ...bills.flatMap(({ host }) => [host.title, '$'])]];
  let service = '';
  for (const name of [...names].filter(isPaid)) {
    const price = bills.map(({ lines }) => lines.get(name)?.price).find((each) => each !== undefined)!;
    if (price.service !== service) {
      service = price.service;
      const sums = bills.flatMap((bill) => ['', money(serviceSum(bill, service))]);
      rows.push([service, '', ...sums]);
    }
    const cells = bills.flatMap(({ lines }) => {
      const line = lines.get(name);
      return line ? [number(line.quantity, line.quantity < 100 ? 2 : 0), money(line.dollars)] : ['', ''];
    });
    rows.push([`  ${price.label.replace(`${service}, `, '')}`, listPrice(price), ...cells]);
  }
  rows.push(['sum', '', ...bills.flatMap(({ sum }) => ['', money(sum)])]);
  return columns(rows, 1);
}

function serviceSum({ lines }: Bill, service: string): number {
  return [...lines.values()]
    .filter(({ price }) => price.service === service)
    .reduce((sum, { dollars }) => sum + dollars, 0);
}

/** The whole answer of the command, for a terminal. */
export function reportOf(scenario: Scenario, bills: readonly Bill[]): string {
  const [cheapest] = bills.toSorted((a, b) => a.sum - b.sum);
  const switches = switchLines(scenario);
  return [
    ...headLines(scenario),
    '',
    billTable(bills),
    '',
    ...(bills.length > 1 ? [`Here ${cheapest!.host.title} cost least.`] : []),
    'Where to switch, all else being as it is:',
    ...(switches.length > 0 ? switches : ['nowhere']).map((line) => `  ${line}`),
    'Free, and not subtracted:',
    ...freeTiers.map((line) => `  ${line}`),
    'Not in it: lists that pages load, stored data, sign-ins, alarms and a firewall (docs/DEPLOY.md, "What it costs").',
  ].join('\n');
}

/** The same for machines. */
export function jsonOf(scenario: Scenario, bills: readonly Bill[]): string {
  const { usage, stage } = scenario;
  const switches = switchPoints(scenario, hosts).map(({ axis, at, below, above }) => ({
    axis,
    at,
    below: below.name,
    above: above.name,
  }));
  const of = bills.map(({ host, lines, sum }) => ({
    transport: host.name,
    sum,
    lines: [...lines.values()].map(({ price, quantity, dollars }) => ({ ...price, quantity, cost: dollars })),
  }));
  return JSON.stringify({ prices: priceList, stage: stage.name, usage, bills: of, switches }, null, 2);
}
