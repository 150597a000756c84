import type { AlarmName } from '../../../lib/operations/alarm-table.ts';
import type { Fault } from './faults.ts';

/** How long a session is where these faults happen: they are over when sessions have lasted their whole time. */
export const sessionSeconds = 2;

/** Streams last their whole time for pages that have gone without a word. */
const unheardStreams: Fault = (world) => async () => {
  const { workspace } = world.newUser();
  const users = Array.from({ length: 21 }, (_, index) => ({ sub: `user-${index}`, workspace: workspace! }));
  const streams = await Promise.all(users.map((who) => world.connect(who)));
  await Promise.all(streams.map((stream) => stream.ended));
  await world.publishStreams();
};

/** What the alarms on whole sessions are about. */
export const sessionFaults = { UnheardStreams: unheardStreams } satisfies Readonly<
  Partial<Record<AlarmName, Fault>>
>;
