import type { AlarmName } from '../../../lib/operations/alarm-table.ts';
import { AlarmWorld } from './alarm-world.ts';
import type { Fault } from './faults.ts';
import { expectAlarm } from './expect-alarm.ts';

const streamConcurrency = 5;

const world = new AlarmWorld();
beforeAll(() => world.start({ streamConcurrency }));
afterEach(() => world.heal());
afterAll(() => world.close());

/** As many streams are open as the template lets be. */
const fill: Fault = async () => {
  const who = world.newUser();
  for (let count = 0; count < streamConcurrency; count += 1) await world.connect(who);
  return async () => world.metrics.platform.sample();
};

const refused: Fault = async (...given) => {
  await fill(...given);
  return async () => {
    const token = await world.stack.local.issuer.sign(world.newUser());
    const { status } = await world.stack.send('GET', `/sse/connect?token=${token}`);
    expect(status).toBe(429);
  };
};

describe('in a stage that bounds its streams', () => {
  it.each<[AlarmName, Fault]>([
    ['NearConcurrency', fill],
    ['RefusedStreams', refused],
  ])('%s goes off by the template’s own bound, and is quiet before and after', (name, fault) =>
    expectAlarm(world, name, fault),
  );
});
