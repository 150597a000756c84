import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { violations } from './import-rules.ts';
import { sourceFacts } from './source-facts.ts';

const projectRoot = join(import.meta.dirname, '..', '..');

async function check(path: string, source: string): Promise<string[]> {
  return violations(path, await sourceFacts(source, path.endsWith('.tsx')));
}

describe('the sources', () => {
  const files = globSync('*/**/*.{ts,tsx}', {
    cwd: projectRoot,
    exclude: ['node_modules', 'test', 'cdk.out', 'client/dist', 'examples/*/node_modules'],
  });

  it('are found by the test', () => {
    expect(files).toEqual(expect.arrayContaining(['bin/taskwire.ts', 'lib/taskwire-stack.ts']));
  });

  it('import only what lies below them', async () => {
    const found = await Promise.all(
      files.map((path) => check(path, readFileSync(join(projectRoot, path), 'utf8'))),
    );

    expect(found.flat()).toEqual([]);
  });
});

describe('the checker of imports refuses', () => {
  it.each([
    ['core/log.ts', `import { DynamoDBClient } from '@aws-sdk/client-dynamodb';`, '@aws-sdk/client-dynamodb'],
    ['core/log.ts', `import { readFile } from 'node:fs/promises';`, 'node:fs/promises'],
    ['core/log.ts', `import { readFile } from 'fs';`, 'fs'],
    ['core/log.ts', `export { a } from '../lambdas/shared/clock.ts';`, '../lambdas/shared/clock.ts'],
    ['core/log.ts', `export * from '../lambdas/shared/clock.ts';`, '../lambdas/shared/clock.ts'],
    ['core/log.ts', `const a = await import('../lib/stages.ts');`, '../lib/stages.ts'],
    ['core/log.ts', `import type { A } from '@aws-sdk/client-dynamodb';`, '@aws-sdk/client-dynamodb'],
    ['core/log.ts', `type A = import('../lib/stages.ts').A;`, '../lib/stages.ts'],
    ['core/log.ts', `const a = await import(name);`, '(computed)'],
    ['core/log.ts', `const a = Date.now();`, 'Date.now'],
    ['core/log.ts', `console.log(1);`, 'console.log'],
    ['core/log.ts', `setTimeout(() => 1, 1);`, 'setTimeout()'],
    ['core/log.ts', `const { env } = process;`, 'process'],
    ['core/log.ts', `const a = { at: new Date() };`, 'new Date()'],
    ['core/log.ts', `const a = () => process.env;`, 'process.env'],
    ['lib/stack.ts', `import { handler } from '../lambdas/tasks/handler.ts';`, '../lambdas/tasks/handler.ts'],
    ['lambdas/tasks/a.ts', `import { b } from '../stream/b.ts';`, '../stream/b.ts'],
    ['lambdas/tasks/a.ts', `import { b } from '@aws-sdk/lib-dynamodb';`, '@aws-sdk/lib-dynamodb'],
    ['lambdas/shared/a.ts', `import { b } from '../tasks/b.ts';`, '../tasks/b.ts'],
    ['protocol/a.ts', `import type { b } from '../core/b.ts';`, '../core/b.ts'],
    ['protocol/a.ts', `import { createHash } from 'node:crypto';`, 'node:crypto'],
    ['operate/a.ts', `import { b } from '../local/b.ts';`, '../local/b.ts'],
    ['lib/a.ts', `import { b } from '../lambdas/tasks/service.ts';`, '../lambdas/tasks/service.ts'],
    ['local/a.ts', `import { b } from '../core/b.ts';`, '../core/b.ts'],
    ['faults/a.ts', `import { canSee } from '../core/visibility.ts';`, '../core/visibility.ts'],
    ['dashboard/a.ts', `import { b } from '../core/b.ts';`, '../core/b.ts'],
    ['dashboard/a.ts', `import { b } from '../client/http/request.ts';`, '../client/http/request.ts'],
    ['dashboard/a.tsx', `import { b } from '../core/b.ts'; const a = <p>text</p>;`, '../core/b.ts'],
    ['client/a.ts', `import { b } from '../dashboard/b.ts';`, '../dashboard/b.ts'],
    ['client/a.ts', `import { once } from 'node:events';`, 'node:events'],
    ['bin/a.ts', `import { b } from '../core/b.ts';`, '../core/b.ts'],
    ['lambdas/novel/a.ts', ``, 'no import rules'],
  ])('in %s: %s', async (path, source, named) => {
    const found = await check(path, source);

    expect(found).toEqual([expect.stringContaining(named)]);
  });
});

describe('the checker of imports allows', () => {
  it.each([
    ['core/log.ts', `import { deflateSync } from 'node:zlib'; const at = new Date(0);`],
    ['lambdas/tasks/a.ts', `import { b } from '../shared/b.ts'; import { c } from '../../core/c.ts';`],
    ['lambdas/shared/a.ts', `import { JwtVerifier } from 'aws-jwt-verify/jwk';`],
    ['lib/a.ts', `import { b } from '../lambdas/tasks/environment.ts';`],
    ['local/a.ts', `import type { B } from '../protocol/b.ts';`],
    ['test/a.test.ts', `import { b } from '../core/b.ts';`],
  ])('in %s: %s', async (path, source) => {
    await expect(check(path, source)).resolves.toEqual([]);
  });
});
