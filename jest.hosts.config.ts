import type { Config } from 'jest';
import usual from './jest.config.ts';

/** The host of streams that the tests are run with. */
process.env['TASKWIRE_STREAM_HOST'] ??= 'web-function';

/** What a stream has to do whatever hosts it. */
const suites = [
  'attacks/frames',
  'busy-streams',
  'delivery',
  'ended-index',
  'ending',
  'filters',
  'history',
  'least-privilege',
  'limits',
  'many-at-once',
  'permissions/connections',
  'presence',
  'resume',
  'snapshot',
  'stream',
  'tickets',
  'trouble',
  'typing',
];

/** The tests of `npm run test:hosts`: those of streams, with another host of streams than the default. */
const config: Config = {
  ...usual,
  testMatch: suites.map((suite) => `<rootDir>/test/end-to-end/${suite}.test.ts`),
};

export default config;
