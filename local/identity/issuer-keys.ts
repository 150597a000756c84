import { randomUUID } from 'node:crypto';
import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { exportJWK, generateKeyPair, importJWK } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import { CommandError } from '../../commands/command-error.ts';

/** How the issuer signs: ECDSA on the curve P-256 (RFC 7518, 3.4). */
export const signingAlgorithm = 'ES256';

/** Only the user who runs the stack may read a private key. */
const keyFileMode = 0o600;

/** A key to sign with, and the one to publish for it. */
interface SigningKey {
  readonly id: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: JWK;
}

/** The keys of the issuer: one signs, and the one before it is still published after it was replaced. */
export class IssuerKeys {
  readonly #file: string | undefined;
  #current: SigningKey;
  #published: readonly JWK[];

  private constructor(file: string | undefined, current: SigningKey) {
    this.#file = file;
    this.#current = current;
    this.#published = [current.publicKey];
  }

  /**
   * Takes the key that the file holds, or makes one and keeps it there: tokens outlive a restart with the data they
   * speak about.
   * @param file of the private key; without one the key lives as long as the process.
   * @throws {CommandError} for a file that cannot be read or written, or that holds no key.
   */
  static async open(file: string | undefined): Promise<IssuerKeys> {
    const kept = file === undefined ? undefined : await readKey(file);
    if (kept !== undefined) return new IssuerKeys(file, kept);
    const fresh = await makeKey();
    if (file !== undefined) await keepKey(file, fresh);
    return new IssuerKeys(file, fresh);
  }

  /** Key that signs now. */
  get current(): SigningKey {
    return this.#current;
  }

  /** Public keys by which tokens are verified. */
  get published(): readonly JWK[] {
    return this.#published;
  }

  /** Signs with another key from now on, and publishes the one before next to it until the process ends. */
  async roll(): Promise<void> {
    const before = this.#current;
    this.#current = await makeKey();
    this.#published = [this.#current.publicKey, before.publicKey];
    if (this.#file !== undefined) await keepKey(this.#file, this.#current);
  }
}

async function makeKey(): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(signingAlgorithm, { extractable: true });
  return signingKey(randomUUID(), privateKey, await exportJWK(publicKey));
}

function signingKey(id: string, privateKey: CryptoKey, { kty, crv, x, y }: JWK): SigningKey {
  // The public parts by name: `d` is the private one.
  return { id, privateKey, publicKey: { kty, crv, x, y, kid: id, alg: signingAlgorithm, use: 'sig' } as JWK };
}

async function readKey(file: string): Promise<SigningKey | undefined> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
    // It may have been copied, or unpacked from an archive, with other rights.
    chmodSync(file, keyFileMode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CommandError(`cannot read the issuer's key ${file}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  try {
    const jwk = JSON.parse(text) as JWK;
    const privateKey = await importJWK(jwk, signingAlgorithm, { extractable: true });
    if (!(privateKey instanceof CryptoKey) || privateKey.type !== 'private' || typeof jwk.kid !== 'string') {
      throw new TypeError('it is no private key with a kid');
    }
    return signingKey(jwk.kid, privateKey, jwk);
  } catch (error) {
    throw new CommandError(`${file} holds no key of the issuer: delete it, and tokens given so far end`, {
      cause: error,
    });
  }
}

async function keepKey(file: string, { id, privateKey }: SigningKey): Promise<void> {
  const jwk = { ...(await exportJWK(privateKey)), kid: id };
  // Whole or not at all: a stack that is killed meanwhile leaves the key before.
  const part = `${file}.part`;
  try {
    writeFileSync(part, `${JSON.stringify(jwk)}\n`, { mode: keyFileMode });
    chmodSync(part, keyFileMode);
    renameSync(part, file);
  } catch (error) {
    throw new CommandError(`cannot keep the issuer's key in ${file}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
