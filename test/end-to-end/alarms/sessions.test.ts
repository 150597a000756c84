import { AlarmWorld } from './alarm-world.ts';
import { expectAlarm } from './expect-alarm.ts';
import { sessionFaults, sessionSeconds } from './session-faults.ts';

const world = new AlarmWorld();
beforeAll(() => world.start({}, { environment: { SESSION_SECONDS: String(sessionSeconds) } }));
afterEach(() => world.heal());
afterAll(() => world.close());

it.each(Object.entries(sessionFaults))(
  '%s goes off by its fault, and is quiet before and after',
  (name, fault) => expectAlarm(world, name, fault),
);
