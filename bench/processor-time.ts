import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** USER_HZ: what Linux counts in, on every platform that Node runs on. */
const ticksPerSecond = 100;

/**
 * Processor time that a process has used since it began, seconds; undefined where there is no /proc.
 * Source: proc_pid_stat(5), fields 14 (utime) and 15 (stime).
 */
export function processorSeconds(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the command's name in parentheses, may hold spaces; after it comes field 3.
    const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  } catch {
    return undefined;
  }
}

/** Memory of a process that is in the machine, bytes; undefined where there is no /proc. Source: proc_pid_status(5), VmRSS. */
export function residentBytes(pid: number): number | undefined {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

/** Processor time that the whole machine has used since it began, seconds. */
function machineSeconds(): number {
  return cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0) / 1000;
}

/**
 * Begins to watch processes.
 * @param pids name → process id.
 * @returns gives what each has used of one processor since then: 1 is all of it. `others` is the rest of the machine: when
 *   it is not near 0, the measurement was disturbed.
 */
export function watchProcessors(pids: Readonly<Record<string, number>>): () => Record<string, number> {
  const begin = performance.now();
  const machineBefore = machineSeconds();
  const before = Object.entries(pids).map(([name, pid]) => ({ name, pid, seconds: processorSeconds(pid) }));
  return () => {
    const elapsed = (performance.now() - begin) / 1000;
    const shares: Record<string, number> = {};
    for (const { name, pid, seconds } of before) {
      const now = processorSeconds(pid);
      if (seconds !== undefined && now !== undefined) shares[name] = (now - seconds) / elapsed;
    }
    const ours = Object.values(shares).reduce((sum, share) => sum + share, 0);
    if (ours > 0) shares['others'] = Math.max(0, (machineSeconds() - machineBefore) / elapsed - ours);
    return shares;
  };
}
