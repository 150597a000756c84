import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { entrySizes } from '../../tools/client-package/bundle.ts';
import { entrySources, manifest, project } from '../../tools/client-package/entries.ts';

const root = JSON.parse(readFileSync(path.join(project, 'package.json'), 'utf8')) as {
  readonly version: string;
};

describe('client/package.json', () => {
  it('has entries whose sources are there', () => {
    const sources = [...entrySources().values()];
    expect(sources).toContain(path.join(project, 'client/index.ts'));
    expect(sources.filter((source) => !existsSync(source))).toEqual([]);
  });

  it('has the version of the project, and brings no other package', () => {
    expect(manifest.version).toBe(root.version);
    expect(manifest).not.toHaveProperty('dependencies');
  });
});

it('each entry of the client, with all that a page loads for it but React, stays within its limit by gzip', async () => {
  const sizes = await entrySizes();
  expect([...sizes.keys()]).toEqual([...entrySources().keys()]);
  expect([...sizes].filter(([, { atOnce, limit }]) => atOnce > limit)).toEqual([]);
});
