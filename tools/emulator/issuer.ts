import { createServer } from 'node:http';
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { listenOnLoopback } from '../../commands/loopback-server.ts';

/** An issuer on the loopback interface that stands in for a user pool. */
export interface StandInIssuer {
  readonly issuer: string;
  readonly jwksUri: string;
  /** Signs the claims of an ID token again, as this issuer. */
  readonly reissue: (idToken: string) => Promise<string>;
  readonly close: () => Promise<void>;
}

const algorithm = 'RS256';
const keyId = 'stand-in';

/**
 * Starts the stand-in. The functions ask AWS itself for the keys of a Cognito user pool, wherever they run, and AWS does
 * not know the emulator's pools.
 */
export async function startStandInIssuer(): Promise<StandInIssuer> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm);
  const key = { ...(await exportJWK(publicKey)), kid: keyId, alg: algorithm, use: 'sig' };
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [key] }));
  });
  const { url: issuer, close } = await listenOnLoopback(server);
  return {
    issuer,
    jwksUri: `${issuer}/.well-known/jwks.json`,
    reissue: (idToken) =>
      new SignJWT({ ...decodeJwt(idToken), iss: issuer })
        .setProtectedHeader({ alg: algorithm, kid: keyId })
        .sign(privateKey),
    close,
  };
}
