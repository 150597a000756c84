import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';

const project = path.join(import.meta.dirname, '..', '..');

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(script: string, ...flags: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [path.join(project, 'local', script), ...flags]);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

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

/** Resolves when none of them runs any more. */
async function allGone(processes: readonly string[], limitMs: number): Promise<string[]> {
  const end = performance.now() + limitMs;
  let left = processes.filter(isAlive);
  while (left.length > 0 && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    left = left.filter(isAlive);
  }
  return left;
}

describe('npm start', () => {
  it('says in one line that the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, stderr, stdout } = await run('start.ts', '--port', String(port));
    other.close();
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toBe(
      `taskwire: port ${port} is in use; stop what uses it, or choose another: npm start -- --port 0\n`,
    );
  });

  it.each([
    [['--port', 'x'], '--port takes a number from 0 to 65535'],
    [['--port', '65536'], '--port takes a number from 0 to 65535'],
    [['--prot', '1'], "Unknown option '--prot'"],
    [['extra'], "Unexpected argument 'extra'"],
  ])('refuses %j', async (flags, message) => {
    const { code, stderr } = await run('start.ts', ...flags);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('explains itself', async () => {
    const { code, stdout } = await run('start.ts', '--help');
    expect(code).toBe(0);
    expect(stdout).toContain('--data DIR');
  });

  // Where a machine shows its processes; the mechanism is the same everywhere.
  const onLinux = process.platform === 'linux' ? describe : describe.skip;
  onLinux('when it ends', () => {
    const startFile = path.join(project, 'local', 'start.ts');

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
});

describe('npm run token', () => {
  it('says in one line that no stack runs', async () => {
    const { code, stdout, stderr } = await run('token.ts', '--sub', 'alice', '--port', '9');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe('taskwire: no stack runs on port 9: npm start, or name its port with --port\n');
  });

  it.each([
    [[], '--sub is missing'],
    [['--sub', 'a', '--expires', 'soon'], '--expires takes a duration'],
    [['--sub', 'a', '--port', '0'], '--port takes a number from 1'],
  ])('refuses %j', async (flags, message) => {
    const { code, stderr } = await run('token.ts', ...flags);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });
});
