import { setTimeout as wait } from 'node:timers/promises';
import { Control } from '../../faults/stack/control.ts';
import { FrameOrder } from '../../faults/board/frame-order.ts';
import type { Frame } from '../../faults/board/frame-order.ts';
import { LogWatch } from '../../faults/stack/log-watch.ts';
import { firstOf } from '../../faults/judge/ends.ts';
import { Medians } from '../../faults/judge/medians.ts';
import { MemoryCurve } from '../../faults/judge/memory.ts';
import { judgeGrowth } from '../../faults/rows/live-memory.ts';

const megabyte = 1024 * 1024;

function frame(event: Frame['event'], data: Frame['data']): Frame {
  return { id: '1', event, data, at: 0 };
}

const established = frame(undefined, { type: 'connection.established' });
const created = frame(undefined, { type: 'task.created' });
const complete = frame('resume', { complete: true });
const resync = frame('resume', { complete: false, reason: 'resync' });
const foreign = frame('resume', { complete: false, reason: 'rights_changed' });
const end = frame('end', { reason: 'trouble' });

describe('the order of the frames of a connection', () => {
  it.each([
    ['a stream without a cursor', false, [established, created, resync, created, end]],
    ['a stream that resumes', true, [established, complete, created]],
    ['one that cannot resume', true, [established, foreign, created, resync]],
    ['one that cannot be opened', true, [end]],
  ] as const)('right: %s', (_, hasCursor, frames) => {
    const order = new FrameOrder(hasCursor);
    expect(frames.flatMap((one) => order.take(one))).toEqual([]);
  });

  it.each([
    ['no greeting', false, [created]],
    ['no resume', true, [established, created]],
    ['a resume that nobody asked for', false, [established, complete]],
    ['rights that change within a stream', false, [established, created, foreign]],
    ['a second resume', true, [established, complete, complete]],
    ['two greetings', false, [established, established]],
    ['something after the end', false, [established, end, created]],
  ] as const)('wrong: %s', (_, hasCursor, frames) => {
    const order = new FrameOrder(hasCursor);
    expect(frames.flatMap((one) => order.take(one))).toHaveLength(1);
  });
});

describe('the median of times', () => {
  it('may be within its bounds, whatever the slowest one is', () => {
    const medians = new Medians();
    for (const time of [-5, 900, 60_000]) medians.note('an end', { most: 1000 }, time);
    expect(medians.judge()).toEqual([]);
  });

  it('is found when it is too high or too low', () => {
    const medians = new Medians();
    for (const time of [900, 1001, 1002]) medians.note('an end', { most: 1000 }, time);
    for (const time of [900, 2000]) medians.note('an end of which there are two', { most: 1000 }, time);
    for (const time of [1, 2, 4000]) medians.note('a lead', { least: 3000, most: 6000 }, time);
    expect(medians.judge()).toEqual([
      expect.stringContaining('an end: 1001 ms'),
      expect.stringContaining('a lead: 2 ms'),
    ]);
  });

  it('may be out of them by what a slow machine is given, and no more', () => {
    const medians = new Medians();
    for (const time of [1100, 1101, 1102]) medians.note('an end', { most: 1000 }, time);
    for (const time of [2899, 2900, 2901]) medians.note('a lead', { least: 3000, most: 6000 }, time);
    expect(medians.judge(101)).toEqual([]);
    expect(medians.judge(100)).toEqual([expect.stringContaining('an end: 1101 ms')]);
  });
});

describe('the control of the machine', () => {
  it('gives time for as long as the machine stands still, and tells how slow it was', async () => {
    const control = new Control();
    try {
      const begin = performance.now();
      while (control.medianSince(begin) === 0) await wait(20);
      const before = performance.now();
      let now = before;
      while (now - before < 1500) now = performance.now();
      expect(control.slowestSince(before)).toBeGreaterThanOrEqual(20 * 1000);
      expect(control.medianSince(performance.now())).toBe(0);
    } finally {
      await control.close();
    }
  });
});

describe('memory', () => {
  const curveOf = (grown: number): MemoryCurve => {
    const curve = new MemoryCurve();
    for (const name of ['front', 'stream', 'fanout'] as const) {
      for (let point = 0; point < 30; point += 1) {
        const more = name === 'stream' && point >= 20 ? grown : 0;
        curve.note(name, { resident: 300 * megabyte, inUse: 50 * megabyte + more });
      }
    }
    return curve;
  };

  it.each([
    ['stays', 0, true, 0],
    ['grows by less than what comes and goes', 12 * megabyte, true, 0],
    ['grows', 14 * megabyte, true, 1],
    ['was watched for too short a time', 14 * megabyte, false, 0],
  ] as const)('of a soak that %s', (_, grown, isLong, found) => {
    const growing = curveOf(grown)
      .judge(isLong)
      .filter(({ isFlat }) => !isFlat);
    expect(growing).toHaveLength(found);
    for (const { line } of growing) expect(line).toContain('stream in use');
  });

  it('of a row may grow by its bound, in each process', () => {
    const injection = { notes: [], failures: [] };
    const bound = { front: 10, stream: 10 };
    judgeGrowth(injection, 'then', { front: 5, stream: 5 }, { front: 15, stream: 15 }, bound);
    expect(injection).toMatchObject({ notes: { length: 2 }, failures: [] });
    judgeGrowth(injection, 'then', { front: 5, stream: 5 }, { front: 15, stream: 16 }, bound);
    expect(injection.failures).toEqual([expect.stringContaining('memory of stream')]);
  });
});

describe('a line of a log', () => {
  it('with a token, or the last part of one that was signed, is found once', () => {
    const logs = new LogWatch();
    logs.remember('head.claims.0123456789abcdefg');
    const print = (text: string): void => logs.inspect({ functionName: 'stream', stream: 'stdout', text });
    print('nothing to see');
    expect(logs.take()).toEqual([]);
    print('GET /sse/connect?token=anything');
    print('bad signature 0123456789abcdefg');
    expect(logs.take()).toHaveLength(2);
    expect(logs.take()).toEqual([]);
  });
});

describe('the clients of a user that came first', () => {
  it('are several where they came in the same millisecond, in the order in which they are asked', () => {
    const [a, b, late] = [
      { id: 'b', connectedAt: 1 },
      { id: 'a', connectedAt: 1 },
      { id: 'c', connectedAt: 2 },
    ];
    expect(firstOf([a, b, late])).toEqual([b, a]);
  });

  it('are known by when they first came, and not by the stream that they have now', () => {
    const back = { id: 'a', connectedAt: 3, born: 1 };
    expect(firstOf([{ id: 'b', connectedAt: 2, born: 2 }, back])).toEqual([back]);
  });
});
