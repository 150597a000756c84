import type { CryptoKey } from 'jose';

/** Whom a token speaks for. */
export interface TokenRequest {
  readonly sub: string;
  readonly workspace?: string | undefined;
  readonly admin?: boolean | undefined;
  /** Seconds from now; default one hour; may be negative in tests. */
  readonly expiresIn?: number | undefined;
}

/** Parts of a token that a test may make wrong. */
export interface TokenOverrides {
  readonly issuer?: string;
  readonly audience?: string;
  readonly key?: CryptoKey;
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Epoch seconds. */
  readonly issuedAt?: number;
}
