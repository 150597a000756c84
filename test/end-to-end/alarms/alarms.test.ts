import { AlarmWorld } from './alarm-world.ts';
import { faults, settings } from './faults.ts';
import { expectAlarm } from './expect-alarm.ts';
import { sessionFaults } from './session-faults.ts';

const world = new AlarmWorld();
beforeAll(() => world.start(settings));
afterEach(() => world.heal());
afterAll(() => world.close());

it('each alarm of the template has a fault here', () => {
  const names = Object.keys({ ...faults, ...sessionFaults });
  expect([...world.alarms.keys()].toSorted()).toEqual(names.toSorted());
});

it('no alarm goes off while the stack is in use and healthy', async () => {
  world.newDay();
  const who = world.newUser();
  let before = await world.connect(who);
  for (let quarter = 0; quarter < 6; quarter += 1) {
    await world.useHealthily();
    await world.write(who);
    const stream = await world.connect(who, { lastEventId: before.cursor });
    await stream.until(() => stream.events.length > 0);
    before = stream;
    await world.publishStreams();
    world.pass(15 * 60);
    expect(world.namesIn('OK')).toEqual([...world.alarms.keys()]);
  }
  await world.heal();
});

it.each(Object.entries(faults))('%s goes off by its fault, and is quiet before and after', (name, fault) =>
  expectAlarm(world, name, fault),
);
