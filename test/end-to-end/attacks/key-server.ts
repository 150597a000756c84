import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CryptoKey } from 'jose';
import { CompactSign, exportJWK, generateKeyPair } from 'jose';
import { localAudience } from '../../../local/identity/issuer.ts';

/** A key of the issuer that a test holds as well. */
export interface TestKey {
  readonly algorithm: 'ES256' | 'RS256';
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly keyId: string;
}

/**
 * Takes the place of the issuer's key set: the keys of a stack's own issuer and two that the test can sign with, so that
 * tokens can be made whose signature is good and all else is wrong. Counts who asks.
 */
export class KeyServer {
  readonly url: string;
  readonly keys: Readonly<Record<TestKey['algorithm'], TestKey>>;
  /** Paths that were asked for. */
  readonly asked: string[] = [];
  readonly #server: Server;
  #issuer = '';

  private constructor(server: Server, keys: KeyServer['keys']) {
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.keys = keys;
    this.#server = server;
    server.on('request', ({ url = '' }, response) => {
      this.asked.push(url);
      this.#keySet().then(
        (json) => response.end(json),
        () => response.destroy(),
      );
    });
  }

  static async start(): Promise<KeyServer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const [ES256, RS256] = await Promise.all([makeKey('ES256'), makeKey('RS256')]);
    return new KeyServer(server, { ES256, RS256 });
  }

  /** Stands for the issuer of the stack on this port. To be called before the stack asks for keys. */
  standFor(port: number): void {
    this.#issuer = `http://localhost:${port}/issuer`;
  }

  /** Where the key set is. */
  get keySetUrl(): string {
    return `${this.url}/keys`;
  }

  /** The payload of a good token of the issuer, for an hour, with other claims in place of its own. */
  claims(changed: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
    const now = Math.floor(Date.now() / 1000);
    const own = { iss: this.#issuer, aud: localAudience, sub: 'mallory', iat: now, exp: now + 3600 };
    return { ...own, workspace: 'attack', ...changed };
  }

  /** Signs any payload with a key of the issuer. */
  sign(
    payload: unknown,
    header: Readonly<Record<string, unknown>> = {},
    { algorithm, keyId, privateKey } = this.keys.ES256,
  ): Promise<string> {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    return new CompactSign(new TextEncoder().encode(text))
      .setProtectedHeader({ alg: algorithm, kid: keyId, ...header })
      .sign(privateKey);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #keySet(): Promise<string> {
    const own = (await (await fetch(`${this.#issuer}/.well-known/jwks.json`)).json()) as { keys: object[] };
    const ours = Object.values(this.keys).map(async ({ publicKey, keyId, algorithm }) => ({
      ...(await exportJWK(publicKey)),
      kid: keyId,
      alg: algorithm,
      use: 'sig',
    }));
    return JSON.stringify({ keys: [...own.keys, ...(await Promise.all(ours))] });
  }
}

async function makeKey(algorithm: TestKey['algorithm']): Promise<TestKey> {
  return {
    algorithm,
    keyId: `test-${algorithm}`,
    ...(await generateKeyPair(algorithm, { extractable: true })),
  };
}
