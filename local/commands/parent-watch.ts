import { readFileSync } from 'node:fs';

const checkMs = 300;

/**
 * Calls back once when the process that started this one ends, however it ends. Under npm there is a shell in
 * between, which outlives a killed npm: then the shell's parent counts as well.
 * @returns stops watching.
 */
export function watchParent(onGone: () => void): () => void {
  const parent = process.ppid;
  const isUnderNpm = process.env.npm_lifecycle_event !== undefined;
  const grandparent = isUnderNpm ? parentOf(parent) : undefined;
  const timer = setInterval(() => {
    const isGone = process.ppid !== parent || (grandparent !== undefined && parentOf(parent) !== grandparent);
    if (!isGone) return;
    clearInterval(timer);
    onGone();
  }, checkMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** Parent of a process where /proc tells it; undefined elsewhere. */
function parentOf(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the command's name in parentheses, may hold spaces.
    return Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}
