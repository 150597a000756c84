import { readClaim } from '../../core/identity/claim.ts';
import { claimSamples } from './claim-samples.ts';

it.each(claimSamples)('of %j the claim %s is %j', (claims, name, value) => {
  expect(readClaim(claims as Record<string, unknown>, name)).toEqual(value);
});
