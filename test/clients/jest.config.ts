import { join } from 'node:path';
import base from '../../jest.config.ts';

/** The tests that need clients of other languages: `npm run check:clients` installs them and runs these. */
export default {
  ...base,
  rootDir: join(import.meta.dirname, '../..'),
  testMatch: ['<rootDir>/test/clients/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
};
