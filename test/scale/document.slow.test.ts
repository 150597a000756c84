import { readFileSync } from 'node:fs';
import { stageConfig } from '../../lib/config/stage-config.ts';
import { withTables } from '../../scale/report.ts';

describe('docs/SCALE.md', () => {
  it('has the tables that `npm run scale -- --write-tables` writes', () => {
    const text = readFileSync(new URL('../../docs/SCALE.md', import.meta.url), 'utf8');
    expect(text.match(/<!-- scale: /g)).toHaveLength(8);
    expect(withTables(text, stageConfig('production'))).toBe(text);
  });
});
