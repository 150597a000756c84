import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { findDatabaseBinary } from '../../local/data/database-binary.ts';
import type { BinarySearch } from '../../local/data/database-binary.ts';

const scratch = mkdtempSync(path.join(tmpdir(), 'taskwire-binary-'));
const platformPackage = `@dynoxide/${process.platform}-${process.arch}`;
const manifest = { name: platformPackage, version: '1.2.1' };

/** What `npm publish` would send: a program that says who it is. */
const tarball = ((): Buffer => {
  const directory = path.join(scratch, 'package');
  mkdirSync(directory);
  writeFileSync(path.join(directory, 'package.json'), JSON.stringify(manifest));
  for (const name of ['dynoxide', 'dynoxide.exe']) {
    writeFileSync(path.join(directory, name), '#!/bin/sh\necho the fetched one\n');
  }
  execFileSync('tar', ['-czf', path.join(scratch, 'package.tgz'), '-C', scratch, 'package']);
  return readFileSync(path.join(scratch, 'package.tgz'));
})();

/** Stands for the registry, which the machine that runs the tests may not reach. */
const requests: string[] = [];
let isThere = true;
const registry = createServer((request, response) => {
  requests.push(request.url ?? '');
  if (!isThere) {
    response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
    return;
  }
  if (request.url?.endsWith('.tgz')) {
    response.end(tarball);
    return;
  }
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  const dist = { integrity, tarball: `${registryUrl()}/package.tgz` };
  response.writeHead(200, { 'content-type': 'application/json' }).end(
    JSON.stringify({
      name: platformPackage,
      'dist-tags': { latest: manifest.version },
      versions: { [manifest.version]: { ...manifest, dist } },
    }),
  );
});
const registryUrl = (): string => `http://127.0.0.1:${(registry.address() as AddressInfo).port}`;

const environment = { ...process.env };
beforeAll(async () => {
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
  // As a user's own configuration says it.
  process.env['npm_config_registry'] = registryUrl();
  process.env['npm_config_cache'] = path.join(scratch, 'cache');
});
afterAll(() => {
  process.env = environment;
  registry.close();
  rmSync(scratch, { recursive: true, force: true });
});

/** A tree whose packages hold no database. */
function search(range = '^1.2.1'): BinarySearch & { readonly said: string[] } {
  const project = mkdtempSync(path.join(scratch, 'project-'));
  const optionalDependencies = { '@dynoxide/linux-x64': range };
  writeFileSync(path.join(project, 'package.json'), JSON.stringify({ optionalDependencies }));
  const said: string[] = [];
  return {
    project,
    modules: [path.join(project, 'node_modules')],
    path: [path.join(project, 'bin')],
    said,
    say: (text) => said.push(text),
  };
}

describe('the database of a tree without its package', () => {
  it('is fetched once, for two that start together, in the version of package.json', async () => {
    const bare = search();
    const before = readFileSync(path.join(bare.project, 'package.json'), 'utf8');
    const [binary, same] = await Promise.all([findDatabaseBinary(bare), findDatabaseBinary(bare)]);
    expect(same).toBe(binary);
    const { stdout } = await promisify(execFile)(binary, { timeout: 10_000 });
    expect(stdout).toBe('the fetched one\n');
    expect(bare.said[0]).toBe(`fetching the database ${platformPackage}@1.2.1 with npm, once ...`);
    // Nothing else in the tree has changed, and nothing half is left.
    expect(readFileSync(path.join(bare.project, 'package.json'), 'utf8')).toBe(before);
    expect(readdirSync(bare.project).toSorted()).toEqual(['.taskwire', 'package.json']);
    expect(readdirSync(path.join(bare.project, '.taskwire', 'database'))).toEqual(['1.2.1']);

    requests.length = 0;
    expect(await findDatabaseBinary(bare)).toBe(binary);
    expect(requests).toEqual([]);
  });

  it.each([
    ['the registry does not have it', '^1.2.1', () => (isThere = false), 'E404'],
    ['the registry does not have the version', '^9.9.9', () => (isThere = true), 'ETARGET'],
    [
      'the registry cannot be reached',
      '^1.2.1',
      () => (process.env['npm_config_registry'] = 'http://127.0.0.1:9'),
      'ECONNREFUSED',
    ],
  ])('is asked for in one line when %s', async (_, range, spoil, code) => {
    spoil();
    const bare = search(range);
    const fault = await findDatabaseBinary(bare).catch((error: unknown) => error as Error);
    expect(fault).toMatchObject({ name: 'CommandError' });
    const { message } = fault as Error;
    expect(message).toContain(`npm could not fetch ${platformPackage}@${range.slice(1)} (${code}`);
    expect(message).toMatch(
      /; type npm i dynoxide, or brew install nubo-db\/tap\/dynoxide, or start any DynamoDB server and set DYNAMODB_ENDPOINT=http:\/\/host:port$/,
    );
    expect(message).not.toContain('\n');
    expect(readdirSync(path.join(bare.project, '.taskwire', 'database'))).toEqual([]);
  });
});

describe('the database', () => {
  it.each([
    ['of the platform', path.join('node_modules', platformPackage)],
    ['of the umbrella package', path.join('node_modules', 'dynoxide', 'bin')],
    ['on PATH', 'bin'],
  ])('%s is used as it is', async (_, directory) => {
    const there = search();
    const file = path.join(
      there.project,
      directory,
      process.platform === 'win32' ? 'dynoxide.exe' : 'dynoxide',
    );
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, '');
    expect(await findDatabaseBinary(there)).toBe(file);
    expect(there.said).toEqual([]);
    expect(existsSync(path.join(there.project, '.taskwire'))).toBe(false);
  });
});
