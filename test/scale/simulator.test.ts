import { plannedEnds } from '../../core/session/planned-ends.ts';
import { Random } from '../../faults/random.ts';
import { stageConfig } from '../../lib/config/stage-config.ts';
import { billOf, dollarsOf } from '../../operate/cost/bill.ts';
import { standingUnits } from '../../operate/cost/container-units.ts';
import { hosts as hostsOfBill } from '../../operate/cost/hosts.ts';
import { sessionUnits } from '../../operate/cost/stream-units.ts';
import { hostingOf, monthOf, openOf } from '../../scale/bill.ts';
import { clientPackage, eventSource } from '../../scale/clients.ts';
import type { Flow } from '../../scale/flows.ts';
import { flowsOf } from '../../scale/flows.ts';
import type { ScaleHost } from '../../scale/hosts.ts';
import { containerHost, functionHost, webFunctionHost } from '../../scale/hosts.ts';
import { demandsOf, limitsOf } from '../../scale/limits.ts';
import type { Load, Scenario } from '../../scale/scenario.ts';
import { loadOf } from '../../scale/scenario.ts';
import type { StormResult } from '../../scale/storm.ts';
import { simulateStorm } from '../../scale/storm.ts';
import { partLeft } from '../../scale/storm-bounds.ts';

const stage = stageConfig('production');
const hosts = [functionHost(256), webFunctionHost(64), webFunctionHost(128), containerHost(stage)];
const named = hosts.map((host) => [host.name, host] as const);
const native = eventSource([stage.retryMinMs, stage.retryMaxMs]);

function scenarioOf(host: ScaleHost, more: Partial<Scenario> = {}): Scenario {
  return {
    host,
    stage,
    streams: 1000,
    spread: { perWorkspace: 100 },
    changesPerHour: 300,
    handsOver: true,
    ...more,
  };
}

const loadWith = (host: ScaleHost, more: Partial<Scenario> = {}): Load => loadOf(scenarioOf(host, more));

function unitsOf(load: Load, kind: Flow['kind'], table?: Flow['table']): number {
  return flowsOf(load).reduce(
    (sum, flow) => sum + (flow.kind === kind && flow.table === (table ?? flow.table) ? flow.units : 0),
    0,
  );
}

describe.each(named)('with %s', (_, host) => {
  it.each([
    [{ perWorkspace: 100 }, undefined],
    [{ workspaces: 1 }, { viewersPerStream: 1 }],
  ])('more streams never take less of anything, %j', (spread, presence) => {
    const loads = [100, 300, 1000, 3001, 10_000, 200_000].map((streams) =>
      loadWith(host, { streams, spread, presence }),
    );
    for (const [index, load] of loads.slice(1).entries()) {
      const before = new Map(demandsOf(loads[index]!).map(({ name, demand }) => [name, demand]));
      // Processes are whole ones: the streams of one may be fewer by a part of a percent.
      const less = demandsOf(load).filter(({ name, demand }) => demand < (before.get(name) ?? 0) * 0.99);
      // Each user has a partition of its own, and a part of what others do.
      expect(less.filter(({ name }) => !name.endsWith('revocations of a user'))).toEqual([]);
      const [fewer, more] = [monthOf(loads[index]!), monthOf(load)];
      expect(more.dollars).toBeGreaterThan(fewer.dollars);
      expect(more.assumed).toBeGreaterThanOrEqual(fewer.assumed);
    }
  });

  it('each limit is reached where the simulator says so', () => {
    const scenario = scenarioOf(host, { spread: { workspaces: 1 } });
    const limits = limitsOf(scenario);
    expect(limits.length).toBeGreaterThan(15);
    for (const { name, amount, reachedAt } of limits.filter((limit) => limit.reachedAt < Infinity)) {
      const at = (streams: number): number =>
        demandsOf(loadOf({ ...scenario, streams })).find((each) => each.name === name)!.demand;
      expect(at(reachedAt)).toBeGreaterThan(amount);
      expect(at(Math.floor(reachedAt * 0.98))).toBeLessThanOrEqual(amount);
    }
    expect(limits.map(({ reachedAt }) => reachedAt)).toEqual(
      limits.map(({ reachedAt }) => reachedAt).toSorted((a, b) => a - b),
    );
  });

  it.each([1000, 20_000, 400_000])('a storm of %i loses nobody, and comes to an end', (streams) => {
    const load = loadWith(host, { streams });
    for (const client of [native, clientPackage]) {
      const result = simulateStorm(load, client, { seed: 1, headroom: 2 });
      expect(result.back + result.ended + result.trying).toBe(streams);
      expect(result.trying).toBe(0);
      expect(result.lastSeconds).toBeGreaterThanOrEqual(result.halfSeconds!);
    }
  });
});

describe.each(named)('the reads and writes of streams with %s', (_, host) => {
  it.each([
    ['one workspace', { workspaces: 1 }, false],
    ['many', { perWorkspace: 100 }, false],
    ['many, handing over', { perWorkspace: 100 }, true],
  ])('are those that `npm run cost` bills, in %s', (__, spread, handsOver) => {
    const load = loadWith(host, { streams: 10_000, spread, handsOver, changesPerHour: 0 });
    const billed = sessionUnits(stage, openOf(load, 1), hostingOf(load));
    for (const table of ['events', 'connections'] as const) {
      for (const kind of ['reads', 'writes'] as const) {
        const lines = billed.filter((line) => line.table === table && line.price === kind);
        const quantity = lines.reduce((sum, line) => sum + line.quantity, 0);
        if (quantity > 0) expect(unitsOf(load, kind, table) / quantity).toBeCloseTo(1, 1);
        else expect(unitsOf(load, kind, table)).toBe(0);
      }
    }
  });
});

it('streams that share a process read less', () => {
  const reads = hosts.map((host) => unitsOf(loadWith(host, { streams: 10_000 }), 'reads'));
  expect(reads).toEqual(reads.toSorted((a, b) => b - a));
});

describe('a month', () => {
  it('with functions is what `npm run cost` bills', () => {
    const { dollars, assumed } = monthOf(loadWith(functionHost(256)));
    const usage = { streams: 1000, workspaces: 10, hours: 24, days: 730 / 24, changesPerHour: 300 };
    expect(dollars / billOf(hostsOfBill[0]!, stage, { ...usage, presence: false }).sum).toBeCloseTo(1, 2);
    expect(assumed).toBe(0);
  });

  it('with containers is what two of them cost, and little for each stream', () => {
    const { dollars } = monthOf(loadWith(containerHost(stage), { streams: 10, changesPerHour: 0 }));
    const fixed = dollarsOf(standingUnits(stage, stage.leastTasks * 730));
    expect(dollars).toBeGreaterThan(fixed);
    expect(dollars).toBeLessThan(fixed + 10 * 0.5);
    const { dollars: ofMany } = monthOf(loadWith(containerHost(stage), { streams: 50_000 }));
    expect(ofMany).toBeGreaterThan((50_000 / 2000) * fixed);
  });
});

describe('a storm', () => {
  const options = { seed: 7, headroom: 1 };

  it('is the same with the same seed, and another one with another', () => {
    const load = loadWith(functionHost(256), { streams: 12_345 });
    const storm = (seed: number): StormResult => simulateStorm(load, clientPackage, { ...options, seed });
    expect(storm(7)).toEqual(storm(7));
    expect(storm(7)).not.toEqual(storm(8));
  });

  it('of streams on Lambda waits for the sessions that nobody hears, unless there is room for both', () => {
    const load = loadWith(functionHost(256), { streams: 1000 });
    const full = simulateStorm(load, native, options);
    expect(full.ended).toBeGreaterThan(900);
    const waiting = simulateStorm(load, clientPackage, options);
    expect(waiting.lastSeconds).toBeGreaterThan(0.75 * stage.sessionSeconds);
    expect(waiting.lastSeconds).toBeLessThan(stage.sessionSeconds + 30);
    const room = simulateStorm(load, native, { ...options, headroom: 2 });
    expect(room).toMatchObject({ ended: 0, back: 1000 });
    expect(room.lastSeconds! * 1000).toBeCloseTo(stage.retryMaxMs, -3);
  });

  it('is let in at the pace at which Lambda adds environments', () => {
    const load = loadWith(functionHost(256), { streams: 50_000 });
    const { ended, back } = simulateStorm(load, native, { ...options, headroom: 2 });
    expect(ended).toBe(50_000 - back);
    // 1,000 at once, 100 a second in the three seconds, and the places of sessions that have ended.
    expect(back).toBeGreaterThan(1200);
    expect(back).toBeLessThan(1200 + (3 * 50_000) / (0.875 * stage.sessionSeconds) + 200);
  });

  it('ends nobody where clients come back no faster than Lambda adds environments', () => {
    const streams = 10_000;
    const slowly = { ...stage, retryMaxMs: stage.retryMinMs + (streams - 1000) * 10 };
    const load = loadWith(functionHost(256), { streams, stage: slowly });
    const patient = eventSource([slowly.retryMinMs, slowly.retryMaxMs]);
    const { ended, back, lastSeconds } = simulateStorm(load, patient, { ...options, headroom: 2 });
    expect({ ended, back }).toEqual({ ended: 0, back: streams });
    expect(lastSeconds! * 1000).toBeCloseTo(slowly.retryMaxMs, -4);
    expect(simulateStorm(load, native, { ...options, headroom: 2 }).ended).toBeGreaterThan(streams / 2);
  });

  it('in one workspace is let in as fast as its partition takes the items of streams', () => {
    const load = loadWith(containerHost(stage), { streams: 100_000, spread: { workspaces: 1 } });
    const { lastSeconds, ended } = simulateStorm(load, native, options);
    expect(ended).toBe(0);
    expect(lastSeconds).toBeGreaterThan(100_000 / 1000);
  });

  it('ends as many sessions by themselves as begin and end by chance', () => {
    const random = new Random(1);
    const next = (): number => random.next();
    const at = [1, 30, 120, 230, 280];
    const running = at.map(() => 0);
    let all = 0;
    // Longer sessions are met more often: each counts as many times as it has seconds.
    for (let session = 0; session < 2000; session += 1) {
      const limits = { now: 0, deadline: Infinity, tokenExpiresAt: Infinity, sessionMs: 300_000 };
      const seconds = plannedEnds(limits, next).session_length / 1000;
      for (let age = next(); age < seconds; age += 1) {
        all += 1;
        for (const [index, later] of at.entries()) if (age + later < seconds) running[index]! += 1;
      }
    }
    for (const [index, later] of at.entries()) {
      expect(partLeft(later, 300)).toBeCloseTo(running[index]! / all, 2);
    }
  });
});
