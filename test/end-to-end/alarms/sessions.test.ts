import { AlarmWorld } from './alarm-world.ts';
import { ring } from './ring.ts';
import { sessionFaults, sessionSeconds } from './session-faults.ts';

const world = new AlarmWorld();
beforeAll(() => world.start({ environment: { SESSION_SECONDS: String(sessionSeconds) } }));
afterAll(() => world.close());

it.each(Object.entries(sessionFaults))(
  '%s goes off by its fault, and is quiet before and after',
  (name, fault) => ring(world, name, fault),
);
