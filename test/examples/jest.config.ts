import { join } from 'node:path';
import base from '../../jest.config.ts';

/** The tests of the examples, which have packages of their own: `npm run check:examples` installs them and runs these. */
export default {
  ...base,
  rootDir: join(import.meta.dirname, '../..'),
  testMatch: ['<rootDir>/test/examples/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // Each example builds the client into client/dist.
  maxWorkers: 1,
};
