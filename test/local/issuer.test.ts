import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import type { JSONWebKeySet } from 'jose';
import { createIssuer } from '../../local/issuer.ts';
import type { Issuer } from '../../local/issuer.ts';

let issuer: Issuer;
let keysUrl: string;
const server = createServer((request, response) => {
  void issuer.serve(request, response, request.url ?? '');
});

beforeAll(async () => {
  issuer = await createIssuer(1234);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  keysUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/issuer/.well-known/jwks.json`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const readKeys = async (): Promise<JSONWebKeySet> => (await fetch(keysUrl)).json() as Promise<JSONWebKeySet>;

describe('the issuer', () => {
  it('can be unreachable for a while', async () => {
    issuer.setReachable(false);
    await expect(fetch(keysUrl)).rejects.toThrow('fetch failed');
    issuer.setReachable(true);
    expect((await readKeys()).keys).toHaveLength(1);
  });

  it('signs with another key after its keys have rolled, and publishes the one before for those who have it', async () => {
    const first = await issuer.sign({ sub: 'alice' });
    await issuer.rollKeys();
    const second = await issuer.sign({ sub: 'alice' });
    expect(decodeProtectedHeader(second).kid).not.toBe(decodeProtectedHeader(first).kid);
    const keys = createLocalJWKSet(await readKeys());
    for (const token of [first, second]) expect((await jwtVerify(token, keys)).payload.sub).toBe('alice');
    await issuer.rollKeys();
    const later = createLocalJWKSet(await readKeys());
    await expect(jwtVerify(first, later)).rejects.toThrow('no applicable key found');
  });
});
