import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Ended } from '../commands/command.ts';
import { runCommandFile } from '../commands/command.ts';

function run(script: string, ...flags: string[]): Promise<Ended> {
  return runCommandFile(`local/commands/${script}`, flags);
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
    [['--edge', 'maybe'], '--edge takes on or off, not "maybe"'],
    [['--prot', '1'], "Unknown option '--prot'"],
    [['extra'], "Unexpected argument 'extra'"],
  ])('refuses %j', async (flags, message) => {
    const { code, stderr } = await run('start.ts', ...flags);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('explains itself', async () => {
    const { code, stdout } = await run('start.ts', '--help');
    expect(code).toBe(0);
    expect(stdout).toContain('--data DIR');
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
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
