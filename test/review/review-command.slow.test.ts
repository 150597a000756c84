import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const project = path.join(import.meta.dirname, '..', '..');

/** A repository of its own with the code as it is now, committed as `main`. */
const repository = mkdtempSync(path.join(tmpdir(), 'taskwire-review-test-'));

/** What it says meanwhile, and where no line is an error. */
const progress = 'review: unpacking main ...\nreview: synthesizing the stage dev of both ...\n';

function git(...commandArguments: string[]): void {
  const identity = ['-c', 'user.name=test', '-c', 'user.email=test@localhost'];
  execFileSync('git', [...identity, ...commandArguments], { cwd: repository, stdio: 'pipe' });
}

function review(...flags: string[]): {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
} {
  return spawnSync(process.execPath, ['tools/review.ts', ...flags], { cwd: repository, encoding: 'utf8' });
}

function edit(file: string, from: string, to: string): void {
  const name = path.join(repository, file);
  const text = readFileSync(name, 'utf8');
  if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`);
  writeFileSync(name, text.replace(from, to));
}

beforeAll(() => {
  const list = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const files = execFileSync('git', list, { cwd: project, encoding: 'utf8', maxBuffer: 2 ** 26 }).split('\0');
  for (const file of files.filter((name) => name !== '' && name !== 'node_modules')) {
    cpSync(path.join(project, file), path.join(repository, file), { recursive: true });
  }
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--message=base');
  symlinkSync(path.join(project, 'node_modules'), path.join(repository, 'node_modules'));
});
afterAll(() => rmSync(repository, { recursive: true, force: true }));
afterEach(() => git('checkout', '--quiet', '--', '.'));

describe('npm run review', () => {
  it('finds nothing where nothing has changed, although the code lies elsewhere', () => {
    const { status, stdout, stderr } = review('--base', 'main', '--stage', 'dev');
    expect({ status, stderr }).toEqual({ status: 0, stderr: progress });
    expect(stdout).toContain('No resource changes.');
    expect(stdout).toContain('No size changes.');
  });

  it('tells of a table that is replaced, a wider grant and more memory, and fails where that is asked for', () => {
    edit('lib/data/connections-table.ts', "name: 'connection'", "name: 'link'");
    edit('lib/functions/tasks-api.ts', "'dynamodb:Query',", "'dynamodb:Query', 'dynamodb:Scan',");
    edit('lib/functions/function-memory.ts', 'stream: 256', 'stream: 512');
    const { status, stdout, stderr } = review('--base', 'main', '--stage', 'dev', '--fail-on', 'data-loss');
    expect({ status, stderr }).toEqual({ status: 1, stderr: progress });
    expect(stdout).toContain('**`ConnectionsTable/Table`** (AWS::DynamoDB::GlobalTable) is replaced');
    expect(stdout).toContain('added: Allow `dynamodb:Scan` on `TasksTable/Table` to `AWS:Api/Tasks/Role`');
    expect(stdout).toContain('`MemorySize` `256` → `512` (+100 %)');

    const json = review('--base', 'main', '--stage', 'dev', '--json');
    expect(json.status).toBe(0);
    expect(JSON.parse(json.stdout)).toMatchObject({
      base: 'main',
      stages: ['dev'],
      findings: expect.arrayContaining([expect.objectContaining({ section: 'data-loss', alarming: true })]),
    });
  });

  it('tells of a function that has grown', () => {
    edit(
      'lambdas/connections/handler.ts',
      'middy<AuthenticatedEvent, Answer>()',
      'middy<AuthenticatedEvent, Answer>({ timeoutEarlyInMillis: 7 })',
    );
    const { status, stdout } = review(
      '--base',
      'main',
      '--stage',
      'dev',
      '--fail-on',
      'data-loss',
      '--fail-on',
      'security',
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/\| `Api\/Connections\/Function` \| .* \(\+\d+ B\) \|/);
    expect(stdout).toContain('**`Api/Connections/Function`** (AWS::Lambda::Function) changes: its code');
  });

  it.each([
    [['--base', 'nowhere'], 'review: --base nowhere is no revision here; fetch it first\n'],
    [['--stage', 'moon'], 'review: --stage moon is no stage; use one of '],
    [
      ['--fail-on', 'cost'],
      'review: --fail-on takes data-loss or security; see npm run -s review -- --help\n',
    ],
    [['--bass', 'main'], "review: Unknown option '--bass'"],
  ])('refuses %j in one line', (flags, message) => {
    const { status, stdout, stderr } = review(...flags);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(
      stderr
        .trim()
        .split('\n')
        .filter((line) => !line.endsWith(' ...')),
    ).toHaveLength(1);
  });

  it('says what the app says when the change does not synthesize', () => {
    edit('lib/config/stage-schema.ts', '.prefault(300)', '.prefault(3000)');
    const { status, stderr } = review('--base', 'main', '--stage', 'dev');
    expect(status).toBe(2);
    expect(stderr).toMatch(/^review: stage dev of change does not synthesize:\nstages\.dev: /m);
  });
});
