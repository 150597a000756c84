import type { AlarmName } from '../../../lib/operations/alarm-table.ts';
import { ContainerService } from '../../../local/containers/container-service.ts';
import { AlarmWorld } from './alarm-world.ts';
import { expectAlarm } from './expect-alarm.ts';

const world = new AlarmWorld();
beforeAll(() => world.start({ streamHost: 'container', edge: 'on', leastTasks: 2 }));
afterEach(() => world.heal());
afterAll(() => world.close());

function service(): ContainerService {
  const { streamHost } = world.stack.local;
  if (!(streamHost instanceof ContainerService)) throw new Error('the streams are not in containers');
  return streamHost;
}

const state = (name: AlarmName): string | undefined => world.alarms.get(name)?.state;

/** Lets periods of an alarm pass, in each of which something happens and it is looked how the tasks are. */
async function passPeriods(name: AlarmName, count: number, happen: () => Promise<unknown>): Promise<void> {
  const status = world.alarms.get(name)!;
  for (let period = 0; period < count; period += 1) {
    await happen();
    await world.metrics.platform.sample();
    world.endPeriod(status);
  }
}

// FullTasks is of a metric that a process sends once a minute: test/lambdas/signals.test.ts.
describe('in a stage whose streams are in containers', () => {
  it('MissingTasks goes off when tasks are missing for minutes, and not for one that is replaced', async () => {
    world.newDay();
    const enough = (): Promise<void> => service().start();
    const oneIsLost = async (): Promise<void> => {
      await service().start();
      await service().crashTask();
    };
    await passPeriods('MissingTasks', 7, enough);
    expect(state('MissingTasks')).toBe('OK');
    await passPeriods('MissingTasks', 1, oneIsLost);
    await passPeriods('MissingTasks', 3, enough);
    expect(state('MissingTasks')).toBe('OK');
    await passPeriods('MissingTasks', 5, oneIsLost);
    expect(state('MissingTasks')).toBe('ALARM');
    await passPeriods('MissingTasks', 7, enough);
    expect(state('MissingTasks')).toBe('OK');
  });

  it('BusyTasks goes off when their processors are busy', async () => {
    world.newDay();
    await service().start();
    // What they do then is to collect garbage, one after another: they wait for nobody between.
    const collect = (): Promise<unknown> => Promise.all(Array.from({ length: 20 }, () => service().memory()));
    // Where others want the machine's processors too, a task may not get what it may use, for a while.
    for (let period = 0; period < 30 && state('BusyTasks') !== 'ALARM'; period += 1)
      await passPeriods('BusyTasks', 1, collect);
    expect(state('BusyTasks')).toBe('ALARM');
  });

  it('FailedTasks goes off when none is there', () =>
    expectAlarm(world, 'FailedTasks', () => async () => {
      for (const _ of [1, 2]) await service().crashTask();
      const token = await world.stack.local.issuer.sign(world.newUser());
      const answers = Array.from({ length: 6 }, () => world.stack.send('GET', `/sse/connect?token=${token}`));
      for (const { status } of await Promise.all(answers)) expect(status).toBe(503);
      await service().start();
    }));
});
