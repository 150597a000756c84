import { CapacityCount } from '../capacity.ts';
import { startPartner } from '../conversation.ts';
import type { peers } from '../results.ts';
import type { Subject } from '../subject.ts';
import type { StartedPeer } from './peer.ts';

/** Starts something else that takes tasks and tells of them, in a process of its own. */
export async function startPeer(name: (typeof peers)[number]): Promise<Subject> {
  const peer = startPartner(new URL(`${name}.ts`, import.meta.url));
  const { port, pids } = await peer.hear<StartedPeer>('started');
  return {
    port,
    // It asks nobody who they are.
    sign: (user) => Promise.resolve(user),
    pids: () =>
      Object.fromEntries(pids.map((pid, index) => [index === 0 ? name : `${name} ${index + 1}`, pid])),
    memory: async () => {
      peer.say('memory or end', { end: false });
      return { server: { resident: await peer.hear<number>('resident') } };
    },
    capacity: new CapacityCount(),
    inspectors: new Map(),
    functions: [],
    close: async () => {
      peer.say('memory or end', { end: true });
      await peer.end();
    },
  };
}
