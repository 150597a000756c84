import { readFileSync } from 'node:fs';
import path from 'node:path';

export const project = path.join(import.meta.dirname, '..', '..');
export const source = path.join(project, 'client');

/** client/package.json, as far as the build reads it. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

export const manifest = JSON.parse(readFileSync(path.join(source, 'package.json'), 'utf8')) as Manifest;

/** Path of an entry → its source, for each of the package's exports that is compiled of one. */
export function entrySources(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(manifest.exports).flatMap(([entry, file]) => {
      const [, name] = /^\.\/dist\/client\/(.+)\.js$/.exec(file) ?? [];
      return name === undefined ? [] : [[entry, path.join(source, `${name}.ts`)] as const];
    }),
  );
}
