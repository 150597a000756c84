import {
  JwtExpiredError,
  JwtInvalidSignatureAlgorithmError,
  KidNotFoundInJwksError,
} from 'aws-jwt-verify/error';
import type { Fetcher } from 'aws-jwt-verify/https';
import type { Jwk, Jwks } from 'aws-jwt-verify/jwk';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { leewaySeconds } from '../../../core/identity/token.ts';

type GetJwk = SimpleJwksCache['getJwk'];
type Token = Parameters<GetJwk>[1];
type JwkWithKid = Awaited<ReturnType<GetJwk>>;

/** The keys of the token issuer cannot be had right now, or not yet: says nothing about the token. */
export class IssuerUnavailable extends Error {
  override readonly name: string = 'IssuerUnavailable';
  /** When it may be worth to ask again, whole seconds. */
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number, cause?: unknown) {
    super(message, { cause });
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** As `IssuerUnavailable`, through no fault of the issuer: anybody can bring it about, with forged tokens. */
export class KeyNotKnownYet extends IssuerUnavailable {
  override readonly name = 'KeyNotKnownYet';
}

/** How long the issuer is left alone after it has failed to give its keys, milliseconds. */
const issuerRestMs = 1000;

/**
 * How often the issuer is asked for the sake of tokens whose key is not among those that are known: so many times at
 * once, and then once in so long. Anybody can make such tokens, and a key that has just been rolled looks the same.
 */
const questionsAtOnce = 5;
const questionEveryMs = 10_000;

/** The keys of one address, and the number of the question that brought them. */
interface Known {
  readonly question: number;
  readonly keys: Jwks;
}

/**
 * The issuer's keys. A token with an unknown key is refused only if the issuer was asked after the token came. While the
 * issuer may not be asked again, the answer is "try later". When it fails, the failure counts for a while.
 */
export class KeySetCache extends SimpleJwksCache {
  readonly #now: () => number;
  readonly #known = new Map<string, Known>();
  readonly #underWay = new Map<string, Promise<void>>();
  #failure: { readonly error: unknown; readonly until: number } | undefined;
  #questions = 0;
  #allowance = questionsAtOnce;
  #allowanceAt = 0;

  /** @param now epoch milliseconds. */
  constructor(fetcher: Fetcher, now: () => number) {
    super({ fetcher });
    this.#now = now;
  }

  /**
   * The key that a token names; for one that names none, the only key of the set that fits its algorithm.
   * @throws {KidNotFoundInJwksError} when there is none; {JwtInvalidSignatureAlgorithmError} for an algorithm that no key
   *   can have; {JwtExpiredError} where the key need not be looked for; {IssuerUnavailable}; what the fetcher throws.
   */
  override async getJwk(jwksUri: string, token: Token): Promise<JwkWithKid> {
    return this.#find(jwksUri, token, this.#questions);
  }

  /**
   * Sees to it that the keys are younger than a token.
   * @param since as `questions` was when the token came.
   * @throws {IssuerUnavailable}; what the fetcher throws.
   */
  async refresh(jwksUri: string, since: number): Promise<void> {
    if ((this.#known.get(jwksUri)?.question ?? 0) <= since) await this.#ask(jwksUri);
  }

  /** How often the issuer was asked so far. */
  get questions(): number {
    return this.#questions;
  }

  async #find(jwksUri: string, token: Token, since: number): Promise<JwkWithKid> {
    const known = this.#known.get(jwksUri);
    const key = known && findKey(known.keys, token);
    // The library gives the type to the keys that it finds itself; without a `kid` it does not keep what it made of one.
    if (key) return key as JwkWithKid;
    if (known && known.question > since) {
      throw new KidNotFoundInJwksError('the key of the token is not among those of the issuer');
    }
    refuseHopeless(token, this.#now() / 1000);
    await (this.#underWay.get(jwksUri) ?? this.#ask(jwksUri));
    return this.#find(jwksUri, token, since);
  }

  /** Asks the issuer, once for all who wait. */
  async #ask(jwksUri: string): Promise<void> {
    const underWay = this.#underWay.get(jwksUri);
    if (underWay) return underWay;
    if (this.#failure !== undefined && this.#now() < this.#failure.until) throw this.#failure.error;
    // Without any keys there is nothing that could be told: whoever asks for the first ones is not counted.
    if (this.#known.has(jwksUri)) this.#spendAllowance();
    this.#questions += 1;
    const asking = this.#fetch(jwksUri, this.#questions).finally(() => this.#underWay.delete(jwksUri));
    this.#underWay.set(jwksUri, asking);
    return asking;
  }

  async #fetch(jwksUri: string, question: number): Promise<void> {
    try {
      this.#known.set(jwksUri, { question, keys: await this.getJwks(jwksUri) });
    } catch (error) {
      this.#failure = { error, until: this.#now() + issuerRestMs };
      throw error;
    }
  }

  #spendAllowance(): void {
    const now = this.#now();
    const grown = Math.max(0, now - this.#allowanceAt) / questionEveryMs;
    this.#allowance = Math.min(questionsAtOnce, this.#allowance + grown);
    this.#allowanceAt = now;
    if (this.#allowance < 1) {
      const seconds = Math.ceil(((1 - this.#allowance) * questionEveryMs) / 1000);
      throw new KeyNotKnownYet('the key of a token is unknown, and the issuer was asked just now', seconds);
    }
    this.#allowance -= 1;
  }
}

/** The key of a set for a token. */
function findKey({ keys }: Jwks, { header: { kid, alg } }: Token): Jwk | undefined {
  if (kid !== undefined) {
    const named = keys.filter((key) => key.kid === kid);
    // Several of one name may differ in their kind. Source: RFC 7517, 4.5.
    return named.find((key) => fits(key, alg)) ?? named[0];
  }
  const fitting = keys.filter((key) => fits(key, alg));
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** The kind of key that each algorithm takes, and its curves. Source: RFC 7518, 3.1; RFC 8037, 3.1. */
const kinds: Readonly<Record<string, readonly [kty: string, ...curves: string[]]>> = {
  RS256: ['RSA'],
  RS384: ['RSA'],
  RS512: ['RSA'],
  ES256: ['EC', 'P-256'],
  ES384: ['EC', 'P-384'],
  ES512: ['EC', 'P-521'],
  EdDSA: ['OKP', 'Ed25519', 'Ed448'],
};

/** Whether a key can have made a signature of an algorithm. */
function fits({ kty, crv, use, alg: own }: Jwk, alg = ''): boolean {
  const [kind, ...curves] = (Object.hasOwn(kinds, alg) && kinds[alg]) || [];
  const isOfKind = kty === kind && (curves.length === 0 || curves.includes(crv ?? ''));
  return isOfKind && (use === undefined || use === 'sig') && (own === undefined || own === alg);
}

/** @throws for a token that no key could make good: the issuer is not asked for its sake. */
function refuseHopeless({ header: { alg }, payload: { exp } }: Token, now: number): void {
  if (alg === undefined || !Object.hasOwn(kinds, alg)) {
    throw new JwtInvalidSignatureAlgorithmError('no key has this algorithm', alg, Object.keys(kinds));
  }
  if (exp !== undefined && !(now < exp + leewaySeconds))
    throw new JwtExpiredError('the token has expired', exp);
}
