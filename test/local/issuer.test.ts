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

  it('signs with another key, and publishes only that one, after its keys have rolled', async () => {
    const before = await issuer.sign({ sub: 'alice' });
    await issuer.rollKeys();
    const after = await issuer.sign({ sub: 'alice' });
    expect(decodeProtectedHeader(after).kid).not.toBe(decodeProtectedHeader(before).kid);
    const keys = createLocalJWKSet(await readKeys());
    expect((await jwtVerify(after, keys)).payload.sub).toBe('alice');
    await expect(jwtVerify(before, keys)).rejects.toThrow('no applicable key found');
  });
});
