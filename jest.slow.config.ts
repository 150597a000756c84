import type { Config } from 'jest';
import usual from './jest.config.ts';

/** The tests of `npm run test:slow`: those that are not in `npm test` because they take long. */
const config: Config = { ...usual, testMatch: ['<rootDir>/test/**/*.slow.test.ts'] };

export default config;
