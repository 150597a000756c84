import { Delivery, PushGivenUp } from '../../lambdas/shared/web-socket/delivery.ts';
import { messagesFor } from '../../lambdas/push/pusher.ts';
import { troubleKind } from '../../lambdas/shared/signals/trouble.ts';
import { largestTaskBytes, wireBytes } from '../../core/task/size.ts';
import { sampleTask } from '../core/task-samples.ts';
import { VirtualClock } from '../core/virtual-clock.ts';
import { created, newSegments, segment, subscriber } from './push-samples.ts';

const throttled = Object.assign(new Error('limit'), { name: 'LimitExceededException' });
const broken = Object.assign(new Error('hang up'), { name: 'TimeoutError', code: 'ECONNRESET' });
const slow = Object.assign(new Error('too slow'), { name: 'TimeoutError', code: 'ETIMEDOUT' });
const refused = Object.assign(new Error('no right'), { name: 'AccessDeniedException' });

describe('the delivery of frames', () => {
  let clock: VirtualClock;
  let tries: string[];
  let answers: Array<Error | boolean>;
  beforeEach(() => {
    clock = new VirtualClock();
    tries = [];
    answers = [];
  });

  async function send(messages: Iterable<string>, forMs = 20_000): Promise<boolean> {
    const delivery = new Delivery({
      clock,
      random: () => 1,
      sockets: {
        send: (socket, text) => {
          tries.push(`${socket} ${text}`);
          const answer = answers.shift() ?? true;
          return typeof answer === 'boolean' ? Promise.resolve(answer) : Promise.reject(answer);
        },
      },
    });
    return delivery.send('socket', messages, clock.now() + forMs);
  }

  it('sends one after another, in their order', async () => {
    expect(await send(['a', 'b', 'c'])).toBe(true);
    expect(tries).toEqual(['socket a', 'socket b', 'socket c']);
  });

  it('ends where the socket is gone', async () => {
    answers = [true, false];
    expect(await send(['a', 'b', 'c'])).toBe(false);
    expect(tries).toEqual(['socket a', 'socket b']);
  });

  it('tries again what was refused for load, three times in two seconds at the most', async () => {
    const begin = clock.now();
    answers = [throttled, throttled, throttled, true];
    expect(await send(['a', 'b'])).toBe(true);
    expect(tries).toEqual(['socket a', 'socket a', 'socket a', 'socket a', 'socket b']);
    expect(clock.now() - begin).toBeLessThanOrEqual(2000);
    expect(clock.now() - begin).toBeGreaterThan(1000);

    tries = [];
    answers = [throttled, throttled, throttled, throttled];
    await expect(send(['a', 'b'])).rejects.toBe(throttled);
    expect(tries).toHaveLength(4);
  });

  it('tries once more, at once, where the connection to the endpoint broke', async () => {
    answers = [broken, true];
    expect(await send(['a'])).toBe(true);
    answers = [broken, broken];
    await expect(send(['a', 'b'])).rejects.toBe(broken);
    expect(tries).toHaveLength(4);
  });

  it.each([
    ['takes too long', slow],
    ['is refused', refused],
  ])('gives up what %s, and all after it', async (_, error) => {
    answers = [true, error];
    await expect(send(['a', 'b', 'c'])).rejects.toBe(error);
    expect(tries).toEqual(['socket a', 'socket b']);
  });

  it('begins nothing when there is no time left', async () => {
    answers = [throttled, throttled, throttled];
    await expect(send(['a', 'b'], 300)).rejects.toThrow(PushGivenUp);
    expect(tries).toHaveLength(2);
  });

  it('gives up what API Gateway does not take, and all after it', async () => {
    await expect(send(['a', 'é'.repeat(65_537), 'c'])).rejects.toThrow(PushGivenUp);
    expect(tries).toEqual(['socket a']);
    expect(troubleKind(new PushGivenUp('too large'))).toBe('passing');
    expect(await send(['x'.repeat(128 * 1024)])).toBe(true);
  });

  it('takes the frames of the largest task that there is, which are half of what fits', () => {
    const empty = sampleTask({ id: Number.MAX_SAFE_INTEGER, description: '' });
    const description = 'x'.repeat(largestTaskBytes - wireBytes(empty));
    const change = {
      ...created(Number.MAX_SAFE_INTEGER, { description }),
      before: sampleTask({ status: 'done' }),
    };
    expect(wireBytes(change.after!)).toBe(largestTaskBytes);
    const name = '\u0001'.repeat(64);
    const longest = subscriber('u'.repeat(128), { subscription: { name, filter: {} } });
    const frames = [...messagesFor(longest, newSegments([segment(1e15, change)]))];

    expect(frames).toHaveLength(2);
    for (const frame of frames) {
      const { data } = JSON.parse(frame) as { data: unknown };
      expect(Buffer.byteLength(JSON.stringify(data))).toBeLessThanOrEqual(60_000);
      expect(Buffer.byteLength(frame)).toBeLessThan(61_000);
    }
  });
});
