import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ScaleResult } from '../../scale/simulate.ts';
import { runOperatorCommand } from '../operate/operator-command.ts';

const run = (...flags: string[]): ReturnType<typeof runOperatorCommand> =>
  runOperatorCommand('scale/run.ts', flags);

describe('npm run scale', () => {
  const directory = mkdtempSync(join(tmpdir(), 'taskwire-scale-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('says of each host what breaks first, and all of it as JSON', async () => {
    const json = join(directory, 'scale.json');
    const flags = ['--streams', '800,20000', '--workspaces', '10', '--seed', '3'];
    const { code, stdout, stderr } = await run(...flags, '--json', json);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.match(/^## .*/gm)).toEqual([
      '## what breaks first, in 10 workspaces',
      '## where each limit is reached, in 10 workspaces',
      '## the hottest partitions, units a second, in 10 workspaces',
      '## all are cut at once, in 10 workspaces',
      '## a month in which all are open, in 10 workspaces',
    ]);
    expect(stdout).toMatch(/\n\| 800 +\| function +\| concurrency of Lambda, 8\d\d of 700 environments/);
    const results = JSON.parse(readFileSync(json, 'utf8')) as ScaleResult[];
    expect(results.map(({ streams, host }) => `${streams} ${host}`)).toEqual(
      [800, 20_000].flatMap((streams) =>
        ['function', 'web-function 64', 'web-function 128', 'container'].map((host) => `${streams} ${host}`),
      ),
    );
    expect((await run(...flags)).stdout).toBe(stdout);
  });

  it('says what it does not understand', async () => {
    const wrong = [
      ['--streams', 'many'],
      ['--streams', '1000', '--workspaces', '1001'],
      ['--seed', '0'],
      ['--write-tables', '--seed', '1'],
    ];
    for (const { code, stderr } of await Promise.all(wrong.map((flags) => run(...flags)))) {
      expect(code).toBe(2);
      expect(stderr).toMatch(/^scale: .*; see npm run scale -- --help\n$/);
    }
    const help = await run('--help');
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toMatch(/^npm run scale -- --streams/);
  });
});
