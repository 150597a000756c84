import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, AssetStaging, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { dashboardBundle } from '../../lib/edge/dashboard-bundle.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'taskwire-bundle-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Builds the page as an asset of a stack; gives path → text of its files, and the name that says what is in it. */
function bundle(
  name: string,
  sources?: string,
): { readonly key: string; readonly files: ReadonlyMap<string, string> } {
  // Else the second would be the first.
  AssetStaging.clearAssetHashCache();
  const stack = new Stack(new App({ outdir: join(directory, name) }), 'Stack');
  const handlerRole = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  const { zipObjectKey } = dashboardBundle(sources).bind(stack, { handlerRole });
  const asset = join(directory, name, `asset.${zipObjectKey.replace('.zip', '')}`);
  const files = readdirSync(asset, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  return {
    key: zipObjectKey,
    files: new Map(
      files.map((file) => {
        const path = join(file.parentPath, file.name);
        return [path.slice(asset.length + 1), readFileSync(path, 'utf8')];
      }),
    ),
  };
}

it('the page of a deploy is the same each time, with no source map and nothing of who builds it', () => {
  const secret = 'a-secret-of-whoever-builds-it';
  const { env } = process;
  process.env = { ...env, VITE_SECRET: secret, AWS_SECRET_ACCESS_KEY: secret, NODE_ENV: 'development' };
  try {
    const first = bundle('first');
    const paths = [...first.files.keys()];
    expect(paths.filter((path) => !/^assets\/[A-Za-z-]+-[\w-]{8}\.(css|js)$/.test(path)).toSorted()).toEqual([
      'icon.svg',
      'index.html',
    ]);
    for (const text of first.files.values()) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain('sourceMappingURL');
      expect(text).not.toContain(import.meta.dirname.replace(/\/test\/.*$/, ''));
    }
    process.env = env;
    expect(bundle('second').key).toBe(first.key);
  } finally {
    process.env = env;
  }
});

it('a page that does not build fails the assembly with what is wrong', () => {
  const sources = join(directory, 'sources');
  mkdirSync(sources);
  writeFileSync(join(sources, 'vite.config.ts'), 'export default {};');
  writeFileSync(join(sources, 'index.html'), '<script type="module" src="/missing.ts"></script>');
  expect(() => bundle('broken', sources)).toThrow(/the page does not build: [^]*missing\.ts/);
});
