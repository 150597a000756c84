import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import type { SourceFacts } from './source-facts.ts';

/** A part of the repository, and what its files may import. */
interface Part {
  /** Parts whose code it may import; its own always. */
  readonly code: readonly string[];
  /** Parts of which it may import types only. */
  readonly types?: readonly string[];
  /** Which packages it may import, `node:` modules included. */
  readonly packages: (name: string) => boolean;
  /** Whether it must be a function of its input: no environment, no clock. */
  readonly pure?: boolean;
}

const isNode = (name: string): boolean => name.startsWith('node:');
const isAws = (name: string): boolean => /^(@aws-sdk\/|@smithy\/|aws-jwt-verify$)/.test(name);
const isCdk = (name: string): boolean => ['aws-cdk-lib', 'constructs', 'cdk-nag'].includes(name);

const lambdas: Part = {
  code: ['lambdas/http', 'lambdas/aws', 'core'],
  packages: (name) => !isAws(name) && !isCdk(name),
};

/**
 * Arrows point down only. A part that is not listed here, e.g. test, may import anything, and no listed part may
 * import it.
 */
const parts: Readonly<Record<string, Part>> = {
  bin: { code: ['lib'], packages: (name) => isNode(name) || isCdk(name) },
  // It knows the functions by their names only, and bundles them.
  lib: { code: [], packages: (name) => isNode(name) || isCdk(name) || name === 'esbuild' },
  core: {
    code: [],
    packages: (name) => ['node:crypto', 'node:zlib', 'zod'].includes(name),
    pure: true,
  },
  'lambdas/aws': { code: ['core'], packages: (name) => !isCdk(name) },
  'lambdas/http': lambdas,
  'lambdas/tasks': lambdas,
  'lambdas/connections': lambdas,
  'lambdas/fanout': lambdas,
  'lambdas/stream': lambdas,
  'lambdas/signin': lambdas,
  client: { code: [], types: ['core'], packages: (name) => !isNode(name) && !isAws(name) && !isCdk(name) },
  dashboard: {
    code: ['client'],
    types: ['core'],
    packages: (name) => !isNode(name) && !isAws(name) && !isCdk(name),
  },
  // It judges by the protocol and not by our own code, which would find itself right.
  faults: { code: ['local', 'bench', 'operate', 'tools'], types: ['core'], packages: (name) => !isCdk(name) },
  // It runs the template and the bundles, not the sources they come from.
  local: { code: [], types: ['core', 'lambdas/aws', 'lib'], packages: (name) => !isCdk(name) },
};

function partOf(path: string): string {
  const [first = '', second = ''] = path.split('/');
  return first === 'lambdas' ? `${first}/${second}` : first;
}

/** `@scope/name/path` → `@scope/name`; the modules of Node always with their prefix. */
function packageOf(specifier: string): string {
  if (builtinModules.includes(specifier)) return `node:${specifier}`;
  if (isNode(specifier)) return specifier;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/**
 * Takes the path of a file from the root of the repository and what its source says, and gives a line for each
 * import or access that its part is not allowed. Empty for a file of a part without rules.
 */
export function violations(path: string, facts: SourceFacts): string[] {
  const name = partOf(path);
  const part = Object.hasOwn(parts, name) ? parts[name] : undefined;
  if (part === undefined) {
    return name.startsWith('lambdas/') ? [`${path}: ${name} has no import rules; add them`] : [];
  }
  const found = facts.imports
    .filter(({ specifier, typeOnly }) => {
      if (!specifier.startsWith('.')) return !typeOnly && !part.packages(packageOf(specifier));
      const target = partOf(posix.join(posix.dirname(path), specifier));
      if (target === name || part.code.includes(target)) return false;
      return !(typeOnly && part.types?.includes(target) === true);
    })
    .map(({ specifier }) => `${path}: ${name} must not import ${specifier}`);
  const impure = part.pure === true ? facts.ambient : [];
  return [...found, ...impure.map((access) => `${path}: ${name} must not use ${access}`)];
}
