import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { inspectLog } from '../secrets/log-watch.ts';

const project = path.join(import.meta.dirname, '..', '..');

/** Starts a stack and gives its lines until it is ready. */
async function start(
  command: string,
  ...commandArguments: string[]
): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(command, commandArguments, {
    cwd: project,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    // The one token that it prints on purpose comes after this line.
    inspectLog('npm start', line);
    const url = /^ready (\S+)/.exec(line)?.[1];
    if (url !== undefined) return { child, url };
  }
  throw new Error('the stack ended before it was ready');
}

/** The processes below one, with their start times, so that a reused id is not taken for the same process. */
function descendants(root: number): string[] {
  const processes = readdirSync('/proc').flatMap((entry) => {
    const facts = /^\d+$/.test(entry) ? processFacts(Number(entry)) : undefined;
    return facts === undefined ? [] : [facts];
  });
  const found: string[] = [];
  let parents = [root];
  while (parents.length > 0) {
    const children = processes.filter(({ parent }) => parents.includes(parent));
    found.push(...children.map(({ pid, started }) => `${pid} ${started}`));
    parents = children.map(({ pid }) => pid);
  }
  return found;
}

function processFacts(pid: number): { pid: number; parent: number; started: string } | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
    // A zombie is no running process.
    return fields[0] === 'Z' ? undefined : { pid, parent: Number(fields[1]), started: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

function isAlive(processAndStart: string): boolean {
  const [pid, started] = processAndStart.split(' ');
  return processFacts(Number(pid))?.started === started;
}

const lookMs = 20;

/**
 * Resolves when none of them runs any more, or when they were looked at for so long; gives those that are left. The time
 * is counted in looks: when the machine sleeps, the processes sleep as well, and have the rest of their time after that.
 */
async function allGone(processes: readonly string[], limitMs: number): Promise<string[]> {
  let left = processes.filter(isAlive);
  for (let looks = limitMs / lookMs; left.length > 0 && looks > 0; looks -= 1) {
    await new Promise((resolve) => setTimeout(resolve, lookMs));
    left = left.filter(isAlive);
  }
  return left;
}

describe('the end of npm start', () => {
  const startFile = path.join(project, 'local', 'commands', 'start.ts');

  it('by Ctrl-C, leaves no process after 2 s', async () => {
    const { child } = await start(process.execPath, startFile, '--port', '0');
    const parts = descendants(child.pid ?? 0);
    expect(parts.length).toBeGreaterThanOrEqual(6);
    // A terminal sends the signal to the whole group.
    process.kill(-(child.pid ?? 0), 'SIGINT');
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).toBe(0);
    expect(await allGone(parts, 2000)).toEqual([]);
  });

  it('by SIGKILL, leaves no process', async () => {
    const { child } = await start(process.execPath, startFile, '--port', '0');
    const parts = descendants(child.pid ?? 0);
    child.kill('SIGKILL');
    expect(await allGone(parts, 5000)).toEqual([]);
  });

  it('by the death of its parent, leaves no process', async () => {
    // A shell that stays the parent: with a lone command it would become that command.
    const { child } = await start('sh', '-c', `"${process.execPath}" "${startFile}" --port 0; true`);
    const parts = descendants(child.pid ?? 0);
    child.kill('SIGKILL');
    expect(await allGone(parts, 5000)).toEqual([]);
  });
});
