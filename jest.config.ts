import { existsSync } from 'node:fs';
import type { Config } from 'jest';
import { chromiumPath } from './test/chromium.ts';

const ci = Boolean(process.env['CI']);

/** Tests whose needs this machine lacks, as patterns of paths. Nothing is left out in CI. */
function leftOut(): string[] {
  if (chromiumPath(existsSync) !== undefined) return [];
  const advice = 'install Chromium, or set CHROMIUM to its path';
  if (ci) throw new Error(`test/browser cannot run: ${advice}`);
  console.warn(`test/browser is left out: ${advice}`);
  return ['/test/browser/'];
}

const config: Config = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', ...leftOut()],
  modulePathIgnorePatterns: ['<rootDir>/cdk.out/', '<rootDir>/.taskwire/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        jsc: { parser: { syntax: 'typescript' }, target: 'es2024' },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  globalSetup: '<rootDir>/test/global-setup.ts',
  globalTeardown: '<rootDir>/test/global-teardown.ts',
  // The slowest tests start a whole stack on a machine that runs the others at the same time.
  testTimeout: 60_000,
};

export default config;
