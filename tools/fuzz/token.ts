import fc from 'fast-check';

/** What a request has for a token: how to make it of a good one. */
export type TokenPlan =
  | { readonly kind: 'good' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'cut'; readonly length: number }
  | { readonly kind: 'changed'; readonly at: number; readonly to: string }
  | { readonly kind: 'header'; readonly header: unknown }
  | { readonly kind: 'payload'; readonly payload: unknown };

const json = fc.jsonValue({ maxDepth: 2, stringUnit: 'binary' });

const header = fc.record(
  {
    alg: fc.oneof(fc.constantFrom('ES256', 'RS256', 'HS256', 'none', 'None', ''), json),
    kid: fc.oneof(fc.string(), fc.constantFrom('../../x', '__proto__'), json),
    typ: json,
    jku: fc.webUrl(),
    crit: json,
  },
  { requiredKeys: [] },
);

const claims = fc.record(
  { sub: json, iss: json, aud: json, exp: json, nbf: json, iat: json, workspace: json, groups: json },
  { requiredKeys: [] },
);

/** Most of the requests are let in, so that what is behind the token is tried as well. */
export const tokenPlan: fc.Arbitrary<TokenPlan> = fc.oneof(
  { weight: 40, arbitrary: fc.constant({ kind: 'good' as const }) },
  { weight: 1, arbitrary: fc.constantFrom({ kind: 'expired' as const }, { kind: 'none' as const }) },
  {
    weight: 2,
    arbitrary: fc.string({ unit: 'binary-ascii' }).map((text) => ({ kind: 'text' as const, text })),
  },
  { weight: 2, arbitrary: fc.nat(400).map((length) => ({ kind: 'cut' as const, length })) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.nat(400), fc.string({ unit: 'binary-ascii', maxLength: 3 }))
      .map(([at, to]) => ({ kind: 'changed' as const, at, to })),
  },
  {
    weight: 2,
    arbitrary: fc
      .oneof<fc.Arbitrary<unknown>[]>(header, json)
      .map((value) => ({ kind: 'header' as const, header: value })),
  },
  {
    weight: 2,
    arbitrary: fc
      .oneof<fc.Arbitrary<unknown>[]>(claims, json)
      .map((value) => ({ kind: 'payload' as const, payload: value })),
  },
);

/**
 * Makes the token of a plan.
 * @param good the token of whom the request speaks for.
 * @param expired a token that was good.
 * @returns empty for no token at all.
 */
export function makeToken(plan: TokenPlan, good: string, expired: string): string {
  const [head = '', payload = '', signature = ''] = good.split('.');
  switch (plan.kind) {
    case 'good':
      return good;
    case 'expired':
      return expired;
    case 'none':
      return '';
    case 'text':
      return plan.text;
    case 'cut':
      return good.slice(0, plan.length);
    case 'changed':
      return good.slice(0, plan.at) + plan.to + good.slice(plan.at + plan.to.length);
    case 'header':
      return [encode(plan.header), payload, signature].join('.');
    case 'payload':
      return [head, encode(plan.payload), signature].join('.');
  }
  return plan satisfies never;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value) ?? '').toString('base64url');
}
