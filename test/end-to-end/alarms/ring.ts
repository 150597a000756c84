import type { AlarmWorld } from './alarm-world.ts';
import type { Fault } from './faults.ts';

/**
 * Has an alarm go off by the fault that it is about, and no sooner than in the last of its periods; before it and after it the
 * stack is in use and the alarm is quiet.
 */
export async function ring(world: AlarmWorld, name: string, fault: Fault): Promise<void> {
  const state = (): string | undefined => world.alarms.get(name)?.state;
  world.newDay();
  const status = world.alarms.get(name)!;
  const { evaluationPeriods } = status.alarm;
  await world.useHealthily();
  world.endPeriod(status);
  expect(state()).toBe('OK');

  const happen = await fault(world, evaluationPeriods);
  for (let period = 0; period < evaluationPeriods; period += 1) {
    await happen(period);
    await world.breached(status);
    expect(state()).toBe('OK');
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
