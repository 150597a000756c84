import { existsSync } from 'node:fs';
import type { Config } from 'jest';
import { chromiumAdvice, chromiumPath } from './test/chromium.ts';
import { leaveOut } from './test/needs.ts';
import { runtimeClientAdvice, runtimeClientFile } from './test/runtime/runtime-client.ts';

/** What some tests need that is not in package.json. */
const { leftOut, notes } = leaveOut(
  [
    {
      tests: 'test/browser',
      isMet: chromiumPath(existsSync) !== undefined,
      advice: chromiumAdvice,
    },
    {
      tests: 'test/runtime',
      isMet: existsSync(runtimeClientFile),
      advice: runtimeClientAdvice,
    },
    {
      tests: 'test/linux',
      isMet: existsSync('/proc/self/stat'),
      advice: 'run them on Linux, whose /proc shows the processes',
    },
  ],
  Boolean(process.env['CI']),
);
for (const note of notes) console.warn(note);

/**
 * The tests of `npm test`, which everybody types: all but those in `*.slow.test.ts`, which compute long and are about tools
 * and commands around the product. They are those of `npm run test:slow` (jest.slow.config.ts), and .ci/run runs both.
 */
const config: Config = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/!(*.slow).test.ts'],
  // Other people's clients need Python and Go, and the examples have packages of their own: `npm run check:clients`,
  // `npm run check:examples`.
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/test/clients/',
    '<rootDir>/test/examples/',
    ...leftOut.map((tests) => `<rootDir>/${tests}/`),
  ],
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
  // A test file of a stack is a database and some functions, which wait for each other, and for sessions to end, more than
  // they compute: three at a time fill two cores, and many more would make each other's tests time out.
  maxWorkers: 3,
  reporters: ['default', '<rootDir>/test/progress.ts'],
  globalSetup: '<rootDir>/test/global-setup.ts',
  globalTeardown: '<rootDir>/test/global-teardown.ts',
  setupFilesAfterEnv: ['<rootDir>/test/secrets/setup.ts', '<rootDir>/test/traffic/setup.ts'],
  // Many times what the slowest test takes: a machine may be slow, and runs others at the same time.
  testTimeout: 240_000,
};

export default config;
