import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { Chapter, Treatment } from '../../tools/guide/classified.ts';
import { chapters } from '../../tools/guide/classified.ts';
import { guideCommands } from '../../tools/guide/commands.ts';
import { disagreements, runnable, treatmentsOf } from '../../tools/guide/compare.ts';
import { startHelper } from '../../tools/guide/helper.ts';
import { scriptOf } from '../../tools/guide/script.ts';

const read = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const documents = ['DEPLOY.md', 'OPERATE.md', 'RUNBOOK.md'] as const;
const all = treatmentsOf(chapters);

describe('each command of the documents for operators', () => {
  it.each(documents)('in docs/%s is run against the emulator, or has a reason why not', (name) => {
    expect(disagreements(name, guideCommands(read(name)), chapters)).toEqual([]);
  });

  it('is most often run', () => {
    expect(runnable(chapters).length).toBeGreaterThan(all.length / 2);
  });

  it('that is run as it is names no placeholder', () => {
    const placeholders = all.filter((each) => each.why === undefined && /<\w+>/.test(each.text));
    expect(placeholders).toEqual([]);
  });

  it('is understood by a shell, but for placeholders', () => {
    for (const { text: input } of all.filter((each) => !/<\w+>/.test(each.text))) {
      const { status, stderr } = spawnSync('bash', ['-n'], { input, encoding: 'utf8' });
      expect({ input, status, stderr }).toEqual({ input, status: 0, stderr: '' });
    }
  });

  it('finds all resources of a stack, and not the first hundred', () => {
    for (const name of documents) {
      expect(read(name)).not.toContain('describe-stack-resources');
    }
  });
});

/** A chapter with these commands. */
const chapterOf = (commands: readonly Treatment[]): readonly Chapter[] => [
  { document: 'DEPLOY.md', sections: { A: commands } },
];

describe('the check of the guide', () => {
  const one = { section: 'A', text: 'echo one' };
  const two = { section: 'B', text: 'echo two' };
  const known: readonly Chapter[] = [
    { document: 'DEPLOY.md', sections: { A: [{ text: 'echo one' }] } },
    { document: 'RUNBOOK.md', sections: { A: [{ text: 'echo three' }] } },
    { document: 'DEPLOY.md', sections: { B: [{ text: 'echo two' }] } },
  ];

  it('reads whole commands, without comments, under their headings', () => {
    const markdown = [
      '## A',
      '```bash',
      '# a comment',
      'one \\',
      '  --more',
      'for X in 1; do',
      '  two',
      'done',
      'for Y in 1; do three; done',
      '```',
      '### B',
      '```json',
      '{}',
      '```',
      '```bash',
      'four',
      "five << 'END'",
      '# is given',
      '',
      'for Z',
      'END',
      'six',
      '```',
      '',
    ].join('\n');
    expect(guideCommands(markdown)).toEqual([
      { section: 'A', text: 'one \\\n  --more' },
      { section: 'A', text: 'for X in 1; do\n  two\ndone' },
      { section: 'A', text: 'for Y in 1; do three; done' },
      { section: 'B', text: 'four' },
      { section: 'B', text: "five << 'END'\n# is given\n\nfor Z\nEND" },
      { section: 'B', text: 'six' },
    ]);
    expect(() => guideCommands('## A\n```bash\nfor X in 1; do\n```\n')).toThrow('has no end');
  });

  it.each([
    ['knows a guide that is as the list has it', [one, two], []],
    [
      'finds a new command',
      [one, two, { section: 'B', text: 'rm' }],
      ['tools/guide/classified.ts says nothing of: B: rm'],
    ],
    ['finds one that has gone', [one], ['docs/DEPLOY.md has no longer: B: echo two']],
    ['finds another order', [two, one], ['in another order from here on: B: echo two']],
  ] as const)('%s', (_, commands, found) => {
    expect(disagreements('DEPLOY.md', commands, known)).toEqual(found);
  });

  it('finds one that was changed, and one that is there twice', () => {
    expect(disagreements('DEPLOY.md', [one, { ...two, text: 'echo 2' }], known)).toHaveLength(2);
    expect(disagreements('DEPLOY.md', [one, one, two], known)).toEqual([
      'tools/guide/classified.ts says nothing of: A: echo one',
    ]);
  });

  it('runs what stands in for a command, and what puts its answer right, and leaves others out', () => {
    const run = runnable(
      chapterOf([
        { text: 'a', after: 'b' },
        { text: 'c', why: 'it cannot' },
        { text: 'd', why: 'so it is not', instead: 'e' },
      ]),
    );
    expect(run).toEqual([
      { title: 'a', run: ['a', 'b'] },
      { title: 'e', run: ['e'] },
    ]);
  });
});

describe('the script of the guide', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'taskwire-guide-'));
  const cdkFile = path.join(directory, 'cdk.cjs');
  beforeAll(() => writeFileSync(cdkFile, 'console.log("cdk", ...process.argv.slice(2));'));
  afterAll(() => rmSync(directory, { recursive: true }));

  /** Runs the script of some commands with a helper that shouts; gives its exit status and the lines it has printed. */
  async function run(
    commands: readonly Treatment[],
  ): Promise<{ code: unknown; lines: readonly string[]; troubles: readonly string[] }> {
    const troubles: string[] = [];
    const help = { shout: async (...words: readonly string[]) => words.join(' ').toUpperCase() };
    const helper = await startHelper(help, (reason) => troubles.push(reason));
    try {
      const settings = { assembly: "it's/assembly", cdkFile, helperUrl: helper.url };
      const child = spawn('bash', ['-c', scriptOf(chapterOf(commands), settings)], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const [printed, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
      return { code: code as unknown, lines: printed.split('\n').filter((line) => line !== ''), troubles };
    } finally {
      await helper.close();
    }
  }

  it('says each command and runs it, in one shell, with what comes after', async () => {
    const { code, lines, troubles } = await run([
      { text: "NAME='a b'", after: 'NAME=$(helper shout "$NAME" c)' },
      { text: 'echo "it is $NAME"' },
    ]);
    expect({ code, lines, troubles }).toEqual({
      code: 0,
      troubles: [],
      lines: ["$ NAME='a b'", '$ echo "it is $NAME"', 'it is A B C'],
    });
  });

  it('deploys and destroys the given assembly without being asked', async () => {
    const { lines } = await run([
      { text: 'STAGE=dev' },
      { text: 'npx cdk bootstrap "aws://1/us-east-1"' },
      { text: 'npx cdk diff -c stage=$STAGE' },
      { text: 'npx cdk deploy -c stage=$STAGE' },
      { text: 'npx cdk destroy -c stage=$STAGE' },
    ]);
    expect(lines.filter((line) => line.startsWith('cdk '))).toEqual([
      "cdk bootstrap --app it's/assembly aws://1/us-east-1",
      "cdk diff --app it's/assembly",
      "cdk deploy --app it's/assembly --require-approval never",
      "cdk destroy --app it's/assembly --force",
    ]);
  });

  it.each([
    ['a command that fails', [{ text: 'false' }]],
    ['what a command needs that is not set', [{ text: 'echo "$NEVER_SET"' }]],
    ['another command of npx', [{ text: 'npx something' }]],
  ] as const)('ends at %s', async (_, commands) => {
    const { code, lines } = await run([...commands, { text: 'echo reached' }]);
    expect(code).not.toBe(0);
    expect(lines).not.toContain('reached');
  });

  it('ends where the helper has no answer, which says why', async () => {
    const { code, lines, troubles } = await run([
      { text: 'NAME=$(helper whisper a)' },
      { text: 'echo reached' },
    ]);
    expect(code).not.toBe(0);
    expect(lines).not.toContain('reached');
    expect(troubles).toEqual(['Error: there is no help whisper']);
  });
});
