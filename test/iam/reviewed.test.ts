import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readReviewed } from '../../tools/iam/reviewed.ts';

describe('the reviewed findings', () => {
  it('are one for each action on each resource', () => {
    const directory = mkdtempSync(join(tmpdir(), 'taskwire-reviewed-'));
    try {
      const file = join(directory, 'reviewed.json');
      const common = { function: 'f', finding: 'unused', reason: 'because' };
      writeFileSync(file, JSON.stringify([{ ...common, actions: ['a', 'b'], resources: ['r', 's'] }]));
      expect(readReviewed(file)).toEqual([
        { ...common, action: 'a', resource: 'r' },
        { ...common, action: 'a', resource: 's' },
        { ...common, action: 'b', resource: 'r' },
        { ...common, action: 'b', resource: 's' },
      ]);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it('of this project have a reason each', () => {
    const reviewed = readReviewed(join(import.meta.dirname, 'reviewed.json'));
    expect(reviewed.length).toBeGreaterThan(0);
    expect(reviewed.filter(({ reason }) => !/\w{3}/.test(reason))).toEqual([]);
  });
});
