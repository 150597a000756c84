import type { AlarmWorld } from './alarm-world.ts';
import type { Fault } from './faults.ts';

/**
 * Has an alarm go off by the fault that it is about, and no sooner than in the last of its periods; before it and after it the
 * stack is in use and the alarm is quiet.
 */
export async function expectAlarm(world: AlarmWorld, name: string, fault: Fault): Promise<void> {
  const state = (): string | undefined => world.alarms.get(name)?.state;
  world.newDay();
  const status = world.alarms.get(name)!;
  const { datapointsToAlarm } = status.alarm;
  await world.useHealthily();
  world.endPeriod(status);
  expect(state()).toBe('OK');

  const happen = await fault(world, datapointsToAlarm);
  for (let period = 0; period < datapointsToAlarm; period += 1) {
    expect(state()).toBe('OK');
    await happen(period);
    await world.breached(status, period + 1);
    world.endPeriod(status);
  }
  expect(state()).toBe('ALARM');

  await world.heal();
  await world.useHealthily();
  world.passAll(status);
  await world.useHealthily();
  world.passAll(status);
  expect(state()).toBe('OK');
}
