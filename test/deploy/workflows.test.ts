import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const projectRoot = join(import.meta.dirname, '..', '..');

const workflows = globSync('.github/**/*.{yml,yaml}', { cwd: projectRoot }).map((name) => ({
  name,
  text: readFileSync(join(projectRoot, name), 'utf8'),
}));

/** What a workflow uses, but for workflows of this repository, which are of the same commit. */
const uses = workflows.flatMap(({ name, text }) =>
  [...text.matchAll(/^[ \t-]*["']?uses["']?\s*:\s*(.*)$/gm)]
    .map(([, used = '']) => ({ name, used }))
    .filter(({ used }) => !used.startsWith('./')),
);

describe('the workflows', () => {
  it('are found, with what they use', () => {
    expect(workflows.map(({ name }) => name)).toContain(join('.github', 'workflows', 'deploy-stage.yml'));
    expect(uses.length).toBeGreaterThan(workflows.length);
    // No form of writing it escapes the pattern above.
    for (const { text } of workflows) {
      const written = text.split('\n').filter((line) => /\buses\b.*[@:]/.test(line.replace(/#.*/, '')));
      expect(written.filter((line) => !/^[ \t-]*uses: \S/.test(line))).toEqual([]);
    }
  });

  it.each(uses)('$name pins $used by its commit, and says which version that is', ({ used }) => {
    expect(used).toMatch(/^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('pin one version of an action by one commit', () => {
    const commits = new Map<string, Set<string>>();
    for (const { used } of uses) {
      const [action = '', rest = ''] = used.split('@');
      commits.set(action, (commits.get(action) ?? new Set()).add(rest));
    }
    expect([...commits].filter(([, pinned]) => pinned.size > 1)).toEqual([]);
  });

  it('refuse an untrusted assembly before they ask for credentials', () => {
    const { text } = workflows.find(({ name }) => name.endsWith('deploy-stage.yml'))!;
    const order = [
      'actions/download-artifact@',
      'run: node tools/check-assembly.ts cdk.out',
      'aws-actions/configure-aws-credentials@',
      'run: cdk deploy --app cdk.out ',
    ].map((step) => text.indexOf(step));

    expect(order.every((place) => place > 0)).toBe(true);
    expect(order).toEqual(order.toSorted((one, other) => one - other));
  });
});
