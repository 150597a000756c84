import { readClaim } from '../../protocol/claim.ts';
import { claimSamples } from './claim-samples.ts';

it.each(claimSamples)('of the claims %j the one named %s is %j', (claims, name, value) => {
  expect(readClaim(claims as Record<string, unknown>, name)).toEqual(value);
});
