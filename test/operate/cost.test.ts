import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { stageConfig } from '../../lib/config/stage-config.ts';
import { functionMemory } from '../../lib/functions/function-memory.ts';
import { UsageError } from '../../commands/command-line.ts';
import { billOf } from '../../operate/cost/bill.ts';
import { options, readCostCommand } from '../../operate/cost/command-line.ts';
import { UnknownNumber, withNumbers } from '../../commands/document-numbers.ts';
import { numbersOf } from '../../operate/cost/document.ts';
import type { Host, Usage } from '../../operate/cost/hosts.ts';
import { hosts } from '../../operate/cost/hosts.ts';
import { prices } from '../../lib/operations/prices.ts';
import { reportOf, switchLines } from '../../operate/cost/report.ts';
import { meanSession } from '../../operate/cost/sessions.ts';
import { pushOrders } from '../../operate/cost/socket-units.ts';
import { switchPoint } from '../../operate/cost/switch-point.ts';
import { runOperatorCommand } from './operator-command.ts';

const stage = stageConfig('dev');
const [sse, websocket, container] = hosts as readonly [Host, Host, Host];
const usage: Usage = {
  streams: 100,
  hours: 8,
  days: 22,
  workspaces: 1,
  changesPerHour: 0,
  presence: false,
};
const sumOf = (host: Host, more: Partial<Usage> = {}): number =>
  billOf(host, stage, { ...usage, ...more }).sum;

describe('the mean session', () => {
  const facts = {
    sessionSeconds: 300,
    heartbeatSeconds: 15,
    pollMinMs: 250,
    pollMaxMs: 1000,
    changesPerHour: 0,
    sharers: 1,
    readMs: 0,
    admissionMs: 0,
  };
  const pollsASecond = (more: Partial<typeof facts>): number => {
    const { seconds, logReads, headReads } = meanSession({ ...facts, ...more });
    return (logReads + headReads) / seconds;
  };

  it('is shorter than the longest by half of the jitter, and polls as often as its bounds say', () => {
    // Of 200 lengths that come by chance, the mean is off by more than a hundredth in one seed of ten.
    expect(Math.abs(meanSession(facts).seconds / (0.875 * 300) - 1)).toBeLessThan(0.01);
    expect(pollsASecond({})).toBeCloseTo(1, 1);
    expect(pollsASecond({ pollMinMs: 500, pollMaxMs: 500 })).toBeCloseTo(2, 1);
    expect(pollsASecond({ readMs: 1000 })).toBeCloseTo(0.5, 1);
  });

  it('polls the faster the more happens, up to its bound', () => {
    const paces = [0, 60, 600, 6000, 1_000_000].map((changesPerHour) => pollsASecond({ changesPerHour }));
    expect(paces).toEqual(paces.toSorted((a, b) => a - b));
    expect(paces.at(-1)).toBeCloseTo(4, 1);
  });

  it('shares polls that come up to five times as often, and read the head no more often', () => {
    expect(pollsASecond({ sharers: 2 })).toBeCloseTo(2, 1);
    for (const sharers of [5, 100]) expect(pollsASecond({ sharers })).toBeCloseTo(5, 1);
    const heads = [1, 5].map((sharers) => meanSession({ ...facts, sharers }).headReads);
    expect(heads[1]! / heads[0]!).toBeLessThan(1.15);
  });

  it('is the same whenever it is asked for', () => {
    expect(meanSession({ ...facts })).toEqual(meanSession({ ...facts }));
  });
});

describe('a bill', () => {
  it('is units times prices', () => {
    const { lines, sum } = billOf(sse, stage, usage);
    const seconds = usage.streams * usage.hours * usage.days * 3600;
    const { quantity, dollars } = lines.get('compute')!;
    // Boards hand over: each of their streams is there for 5 s beside the next one.
    expect(quantity / ((functionMemory.stream / 1024) * seconds)).toBeCloseTo(262.5 / 257.5, 3);
    expect(dollars).toBeCloseTo(quantity * prices.compute.dollars, 5);
    const all = [...lines.values()].map((line) => (line.quantity * line.price.dollars) / line.price.per);
    expect(sum).toBeCloseTo(
      all.reduce((total, one) => total + one),
      5,
    );
  });

  it.each(hosts.map((host) => [host.title, host] as const))(
    'of %s grows with all that is used',
    (_, host) => {
      const base = { changesPerHour: 60 };
      for (const more of [
        { streams: 200 },
        { hours: 16 },
        { days: 30 },
        { changesPerHour: 120 },
        { presence: true },
      ]) {
        expect(sumOf(host, { ...base, ...more })).toBeGreaterThan(sumOf(host, base));
      }
      if (host === container) return;
      expect(sumOf(host, { streams: 200, workspaces: 2 }) / (2 * sumOf(host))).toBeCloseTo(1, 3);
    },
  );

  it('follows the settings of the stage', () => {
    const of = (settings: object): number => billOf(sse, { ...stage, ...settings }, usage).sum;
    expect(of({ pollMaxMs: 4000 })).toBeLessThan(of({}));
    expect(of({ sessionSeconds: 60 })).toBeGreaterThan(of({}));
    const atEdge = billOf(sse, { ...stage, edge: 'on' }, usage);
    expect(atEdge.lines.has('edgeRequests')).toBe(true);
    expect(atEdge.lines.has('dataOut')).toBe(false);
  });

  it('has an order for each hundred subscribers, as was counted', () => {
    expect([1, 100, 1000].map(pushOrders)).toEqual([1, 2, 11]);
  });
});

describe('where to switch', () => {
  it('is where the sums change places', () => {
    const found = switchPoint([sse, websocket], stage, usage, 'changesPerHour')!;
    expect([found.below.name, found.above.name]).toEqual(['websocket', 'sse']);
    const difference = (changesPerHour: number): number =>
      sumOf(sse, { changesPerHour }) - sumOf(websocket, { changesPerHour });
    expect(difference(found.at * 0.98)).toBeGreaterThan(0);
    expect(difference(found.at * 1.02)).toBeLessThan(0);
    // Whatever the order in which they are given.
    const turned = switchPoint([websocket, sse], stage, usage, 'changesPerHour')!;
    expect([turned.at, turned.below, turned.above]).toEqual([found.at, found.below, found.above]);
  });

  it('is nowhere where one is always cheaper', () => {
    expect(switchPoint([sse, websocket], stage, usage, 'streams')).toBeUndefined();
  });

  it('is where each board hears of as much, in however many workspaces they are', () => {
    const of = (workspaces: number): number =>
      switchPoint([sse, websocket], stage, { ...usage, workspaces }, 'changesPerHour')!.at;
    expect(of(50) / of(1)).toBeCloseTo(1, 0);
    expect(switchPoint([sse, websocket], stage, { ...usage, workspaces: 50 }, 'streams')).toBeUndefined();
  });
});

describe('streams in containers', () => {
  const scenario = { usage, stage };

  it('cost what stands, whoever is there, and little for each stream', () => {
    const { lines } = billOf(container, stage, usage);
    const standing = (['taskProcessors', 'taskMemory', 'addresses', 'balancers'] as const).map(
      (price) => lines.get(price)!.dollars,
    );
    expect(lines.get('addresses')!.quantity).toBe(2 * 730);
    expect(standing.reduce((sum, each) => sum + each)).toBeCloseTo(
      730 * (2 * (0.25 * 0.03238 + 0.5 * 0.00356 + 0.005) + 0.0225),
      5,
    );
    expect([lines.get('compute'), lines.get('invocations')]).toEqual([undefined, undefined]);
    expect(sumOf(container, { streams: 1000 }) - sumOf(container)).toBeLessThan(
      0.02 * sumOf(sse, { streams: 1000 }),
    );
  });

  it('are as many as it takes while streams are open, and not more than the stage allows', () => {
    const addresses = (streams: number, settings: object = {}): number =>
      billOf(container, { ...stage, ...settings }, { ...usage, streams }).lines.get('addresses')!.quantity;
    const open = usage.hours * usage.days;
    expect(addresses(512 * 2)).toBe(2 * 730);
    expect(addresses(512 * 5)).toBe(5 * open + 2 * (730 - open));
    expect(addresses(1_000_000)).toBe(10 * open + 2 * (730 - open));
    expect(addresses(512 * 5, { taskMegabytes: 1024 })).toBe(3 * open + 2 * (730 - open));
    expect(addresses(512 * 5, { streamsPerProcess: 512 })).toBe(10 * open + 2 * (730 - open));
  });

  it('share the polls of a workspace, by processes', () => {
    const reads = (workspaces: number, host: Host): number =>
      billOf(host, stage, { ...usage, workspaces }).lines.get('reads')!.quantity;
    expect(reads(1, container)).toBeLessThan(0.5 * reads(1, sse));
    // Those of different workspaces still share the marker of a drain.
    const alone = reads(100, container) / reads(100, sse);
    expect(alone).toBeGreaterThan(0.9);
    expect(alone).toBeLessThan(1);
  });

  it('poll five times as often where they share, however many more they are', () => {
    const polls = (streams: number, host: Host): number =>
      host
        .units(stage, { ...usage, streams, workspaces: 1, changesPerHour: 0 })
        .filter(({ part, price }) => part === 'polls' && price === 'reads')
        .reduce((sum, { quantity }) => sum + quantity, 0);
    // A fifth of a poll a second reads the head too, which a shared one does no more often.
    const ofOne = polls(1, sse);
    expect(polls(100, container)).toBeGreaterThan(2 * 4 * ofOne);
    expect(polls(100, container)).toBeLessThan(2 * 5 * ofOne);
    expect(polls(800, container) / polls(100, container)).toBeCloseTo(1, 5);
    expect(polls(2, container) / polls(2, sse)).toBeCloseTo(1, 5);
  });

  it('are one more column, and are compared with each of the others', () => {
    const report = reportOf(
      scenario,
      hosts.map((host) => billOf(host, stage, usage)),
    );
    expect(report).toMatch(/event streams +\$ +WebSockets +\$ +streams in containers +\$/);
    expect(report).toMatch(/\n {2}Public IPv4 address +\$0\.005 an hour +1,460 +\$7\.30\n/);
    const found = switchPoint([sse, container], stage, usage, 'streams')!;
    expect([found.below, found.above]).toEqual([sse, container]);
    expect(found.at).toBeGreaterThan(15);
    expect(found.at).toBeLessThan(20);
    expect(switchLines(scenario, [sse, container]).at(-1)).toMatch(
      /open at a time: below 1\d event streams cost less, from there on streams in containers; here it is 100/,
    );
  });
});

describe('another host of streams', () => {
  const unknown: Host = {
    name: 'other',
    title: 'another',
    units: () => [{ part: 'others', price: 'others', quantity: 730 }],
  };

  it('has a price for all that it uses', () => {
    expect(() => billOf(unknown, stage, usage)).toThrow('there is no price of others');
    const others = { service: 'Other', label: 'Other', unit: 'hour', dollars: 0.1, per: 1, source: '' };
    expect(billOf({ ...unknown, prices: { others } }, stage, usage).sum).toBeCloseTo(73, 5);
  });
});

describe('docs/DEPLOY.md', () => {
  const text = readFileSync(new URL('../../docs/DEPLOY.md', import.meta.url), 'utf8');

  it('has the numbers that `npm run -s cost -- --write-tables` writes', () => {
    expect(withNumbers(text, numbersOf(stageConfig('production')), 'cost')).toBe(text);
  });

  it('is refused where it names a number that there is not, or leaves one out', () => {
    const numbers = { one: () => '1' };
    const place = (name: string): string => `It is <!-- cost: ${name} -->0<!-- /cost -->.`;
    expect(withNumbers(place('one'), numbers, 'cost')).toBe('It is <!-- cost: one -->1<!-- /cost -->.');
    expect(() => withNumbers(place('two'), numbers, 'cost')).toThrow(UnknownNumber);
    expect(() => withNumbers('', numbers, 'cost')).toThrow(UnknownNumber);
  });
});

describe('npm run cost', () => {
  const run = (...flags: string[]): ReturnType<typeof runOperatorCommand> =>
    runOperatorCommand('operate/cost.ts', flags);

  it('prints the transports side by side, their sums, and where to switch', async () => {
    const { code, stdout, stderr } = await run(
      '--streams',
      '1000',
      '--changes',
      '5/min',
      '--stage',
      'staging',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^A month with 1,000 boards open for 8 hours on 22 days, in 1 workspace of 300 ch/,
    );
    expect(stdout).toMatch(/Stage staging, edge on. List prices of us-east-1 of 2026-11/);
    expect(stdout).toMatch(/event streams +\$ +WebSockets +\$/);
    expect(stdout).toMatch(/\nsum +\$2,\d{3}\.\d\d +\$\d\d\.\d\d +\$\d\d\.\d\d\n/);
    expect(stdout).toMatch(/below [\d,]+ an hour \([\d,.]+ a minute\) WebSockets cost less/);
    expect(stdout).toMatch(/Free, and not subtracted:\n {2}Lambda: 400,000 GB-seconds/);
  });

  it('gives one transport, as JSON', async () => {
    const { code, stdout } = await run(
      '--transport',
      'websocket',
      '--changes',
      '60/h',
      '--json',
      '--presence',
    );
    expect(code).toBe(0);
    const { bills, usage: used, switches } = JSON.parse(stdout);
    expect(used).toEqual({ ...usage, changesPerHour: 60, presence: true });
    expect(bills.map(({ transport }: { transport: string }) => transport)).toEqual(['websocket']);
    const costs = bills[0].lines.map(({ cost }: { cost: number }) => cost);
    expect(bills[0].sum).toBeCloseTo(costs.reduce((sum: number, cost: number) => sum + cost));
    expect(switches).toEqual([
      { axis: 'changesPerHour', at: expect.any(Number), below: 'websocket', above: 'sse' },
      { axis: 'streams', at: expect.any(Number), below: 'sse', above: 'container' },
      { axis: 'changesPerHour', at: expect.any(Number), below: 'websocket', above: 'container' },
    ]);
  });

  it.each([
    ['a rate without a time', ['--changes', '5'], /--changes takes a number a minute or an hour/],
    ['a rate that is none', ['--changes', 'often'], /--changes takes/],
    ['too many changes', ['--changes', '9999999/min'], /--changes takes/],
    ['a day of 25 hours', ['--hours', '25'], /--hours takes whole numbers from 1 to 24/],
    ['no streams', ['--streams', '0'], /--streams takes whole numbers/],
    ['more workspaces than streams', ['--streams', '2', '--workspaces', '3'], /more --workspaces than/],
    [
      'another transport',
      ['--transport', 'carrier-pigeon'],
      /--transport takes sse, websocket, container, all/,
    ],
    ['a stage that is not deployed', ['--stage', 'local'], /--stage takes dev, staging, production/],
    ['tables of a scenario', ['--write-tables', '--streams', '5'], /--write-tables goes alone/],
  ])('refuses %s', (_, args, message) => {
    const read = (): unknown => readCostCommand(parseArgs({ args, options }).values);
    expect(read).toThrow(UsageError);
    expect(read).toThrow(message);
  });

  it('says so in a line, with exit status 2', async () => {
    const { code, stdout, stderr } = await run('--changes', '5');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^cost: --changes takes .*; see npm run -s cost -- --help\n$/);
  });
});
