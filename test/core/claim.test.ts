import { readClaim } from '../../core/identity/claim.ts';
import { CLAIM_SAMPLES } from './claim-samples.ts';

it.each(CLAIM_SAMPLES)('of %j the claim %s is %j', (claims, name, value) => {
  expect(readClaim(claims as Record<string, unknown>, name)).toEqual(value);
});
