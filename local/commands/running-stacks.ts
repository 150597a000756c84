import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** One file for each running stack of this project; TASKWIRE_RUNNING names another place, for tests. */
const runningDirectory =
  process.env.TASKWIRE_RUNNING ?? path.join(import.meta.dirname, '..', '..', '.taskwire', 'running');

/**
 * Notes that a stack runs in this process, until the process ends: `npm run -s token` finds it then, whatever its port.
 * Where the note cannot be kept, the port has to be named.
 */
export function announceStack(port: number, directory: string = runningDirectory): void {
  const file = path.join(directory, `${process.pid}.json`);
  try {
    mkdirSync(directory, { recursive: true });
    writeFileSync(file, JSON.stringify({ port }));
  } catch {
    return;
  }
  process.once('exit', () => rmSync(file, { force: true }));
}

/** Ports of the stacks that run, ascending. Notes of processes that were killed are removed. */
export function findRunningStacks(directory: string = runningDirectory): number[] {
  let files: string[];
  try {
    files = readdirSync(directory);
  } catch {
    return [];
  }
  const ports = files.flatMap((name) => {
    const file = path.join(directory, name);
    if (!isAlive(Number(name.split('.', 1)[0]))) {
      rmSync(file, { force: true });
      return [];
    }
    return readPort(file) ?? [];
  });
  return [...new Set(ports)].toSorted((a, b) => a - b);
}

function readPort(file: string): number | undefined {
  try {
    const { port } = JSON.parse(readFileSync(file, 'utf8')) as { readonly port: unknown };
    return typeof port === 'number' ? port : undefined;
  } catch {
    // It is being written, or was removed meanwhile.
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  // 0 and below are groups of processes.
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
