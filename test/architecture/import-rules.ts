import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import type { SourceFacts } from './source-facts.ts';
import { computed } from './source-facts.ts';

/** A part of the repository, and what its files may import. */
interface Part {
  /** Parts, or single files, whose code it may import; its own always. */
  readonly code: readonly string[];
  /** Which packages it may import, `node:` modules included. */
  readonly packages: (name: string) => boolean;
  /** Whether it must be a function of its input: no environment, no clock. */
  readonly pure?: boolean;
  /** Whether it may import what it finds as it runs: bundles, and other revisions of the project. */
  readonly computes?: boolean;
}

const isNode = (name: string): boolean => name.startsWith('node:');
const isAws = (name: string): boolean => /^(@aws-sdk\/|@smithy\/|aws-jwt-verify$)/.test(name);
const isCdk = (name: string): boolean => ['aws-cdk-lib', 'constructs', 'cdk-nag'].includes(name);
const isInBrowsers = (name: string): boolean => !isNode(name) && !isAws(name) && !isCdk(name);

const lambda: Part = {
  code: ['lambdas/shared', 'core', 'protocol'],
  packages: (name) => !isAws(name) && !isCdk(name),
};

/** Arrows point down only. Tests may import anything, and nothing imports them. */
const parts: Readonly<Record<string, Part>> = {
  // For servers and browsers alike.
  protocol: { code: [], packages: () => false, pure: true },
  core: { code: ['protocol'], packages: (name) => ['node:crypto', 'node:zlib'].includes(name), pure: true },
  'lambdas/shared': { code: ['core', 'protocol'], packages: (name) => !isCdk(name) },
  'lambdas/tasks': lambda,
  'lambdas/connections': lambda,
  'lambdas/fanout': lambda,
  'lambdas/push': lambda,
  'lambdas/stream': lambda,
  'lambdas/websocket': lambda,
  'lambdas/signin': lambda,
  'lambdas/canary': lambda,
  'lambdas/gauge': lambda,
  // It knows the functions by their names, their environments, their metrics and the index they read, and bundles them.
  lib: {
    code: [
      'protocol',
      'lambdas/*/environment',
      'lambdas/shared/signals/metrics',
      'lambdas/shared/dynamodb/ended-index',
    ],
    packages: (name) =>
      isNode(name) || isCdk(name) || ['cdk-monitoring-constructs', 'esbuild', 'zod'].includes(name),
  },
  bin: { code: ['lib'], packages: (name) => isNode(name) || isCdk(name) },
  client: { code: ['protocol'], packages: isInBrowsers },
  // It has no way around the package, but the settings of its own address.
  dashboard: {
    code: [
      'client/index',
      'client/presence/index',
      'client/react/index',
      'client/sign-in/index',
      'client/store/index',
      'protocol/claim',
      'protocol/page-settings',
    ],
    packages: isInBrowsers,
  },
  commands: { code: [], packages: isNode },
  // It runs the template and the bundles, not the sources they come from. The operators' page looks at tables as commands do.
  local: {
    code: [
      'commands',
      'protocol',
      'operate/connections/connection-table',
      'operate/log/inspect',
      'operate/log/ports',
      'operate/log/report',
      'operate/stack/tables',
    ],
    packages: (name) => !isCdk(name),
    computes: true,
  },
  // They work on what a deployed stage has, by its own code, whether it is on AWS or not.
  operate: {
    code: [
      'commands',
      'lib',
      'lambdas/shared',
      'lambdas/canary',
      'lambdas/fanout',
      'lambdas/push',
      'lambdas/websocket',
      'core',
      'protocol',
      // Experiments on an account are clients as the smoke test is one.
      'tools/smoke/command-line',
      'tools/smoke/deployment',
      'tools/smoke/event-stream',
      'tools/smoke/failure',
      'tools/smoke/http-answer',
      'tools/smoke/report',
      'tools/smoke/stream-checks',
      'tools/smoke/task-checks',
    ],
    packages: (name) => !isCdk(name),
  },
  // It computes with what the code itself says: how it paces itself, what it costs, and what a stage is set to.
  scale: {
    code: [
      'commands',
      'operate',
      'lib',
      'lambdas/shared',
      'lambdas/stream/opening-time',
      'core',
      'client/connection/backoff',
      'faults/random',
      'bench/results',
    ],
    packages: (name) => name === 'node:fs',
  },
  tools: { code: ['commands', 'local', 'lib', 'protocol'], packages: (name) => !isCdk(name), computes: true },
  bench: { code: ['commands', 'local', 'protocol'], packages: (name) => !isCdk(name), computes: true },
  // It judges by the protocol and not by our own code, which would find itself right.
  faults: { code: ['commands', 'local', 'bench', 'tools', 'protocol'], packages: (name) => !isCdk(name) },
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
    return name === 'test' ? [] : [`${path}: ${name} has no import rules; add them`];
  }
  const found = facts.imports
    .filter((specifier) => {
      if (specifier === computed) return part.computes !== true;
      if (!specifier.startsWith('.')) return !part.packages(packageOf(specifier));
      const file = posix.join(posix.dirname(path), specifier);
      const target = partOf(file);
      const isEnvironment = /^lambdas\/.*\/environment\.ts$/.test(file);
      if (isEnvironment && part.code.includes('lambdas/*/environment')) return false;
      return target !== name && !part.code.includes(target) && !part.code.includes(file.replace(/\.ts$/, ''));
    })
    .map((specifier) => `${path}: ${name} must not import ${specifier}`);
  const impure = part.pure === true ? facts.ambient : [];
  return [...found, ...impure.map((access) => `${path}: ${name} must not use ${access}`)];
}
