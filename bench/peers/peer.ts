import { readFileSync } from 'node:fs';
import { parentPartner } from '../conversation.ts';

/** A server that the benchmark is held against, as it has started in a process of its own. */
export interface Peer {
  readonly port: number;
  /** The processes that serve. */
  readonly pids: readonly number[];
  /** Clears away what is not in use, where that can be asked for. */
  readonly settle: () => void;
  readonly close: () => Promise<void>;
}

/** What the process of a peer says once it serves. */
export type StartedPeer = Pick<Peer, 'port' | 'pids'>;

/** Serves until the benchmark has done: says where, and how much memory it has when it is asked. */
export async function servePeer({ port, pids, settle, close }: Peer): Promise<void> {
  const parent = parentPartner();
  parent.say('started', { port, pids } satisfies StartedPeer);
  for (;;) {
    const { end } = await parent.hear<{ readonly end: boolean }>('memory or end');
    if (end) return close();
    settle();
    parent.say(
      'resident',
      pids.reduce((sum, pid) => sum + residentOf(pid), 0),
    );
  }
}

/** Memory that the system has given a process, bytes. Source: proc_pid_status(5). */
function residentOf(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
