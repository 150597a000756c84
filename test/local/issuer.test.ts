import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import type { JSONWebKeySet } from 'jose';
import { createIssuer } from '../../local/identity/issuer.ts';
import type { Issuer } from '../../local/identity/issuer.ts';

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

describe('the issuer that keeps its key', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'taskwire-issuer-'));
  const keyFile = path.join(directory, 'issuer-key.json');
  afterAll(() => rmSync(directory, { recursive: true }));
  const verify = async (token: string): Promise<string | undefined> =>
    (await jwtVerify(token, createLocalJWKSet(await readKeys()))).payload.sub;

  it('accepts tokens of the run before, also after its keys have rolled', async () => {
    issuer = await createIssuer(1234, keyFile);
    const first = await issuer.sign({ sub: 'alice' });
    issuer = await createIssuer(1234, keyFile);
    expect(await verify(first)).toBe('alice');
    await issuer.rollKeys();
    const second = await issuer.sign({ sub: 'bob' });
    issuer = await createIssuer(1234, keyFile);
    expect(await verify(second)).toBe('bob');
    await expect(verify(first)).rejects.toThrow('no applicable key found');
    expect(JSON.stringify(await readKeys())).not.toContain(
      (JSON.parse(readFileSync(keyFile, 'utf8')) as { readonly d: string }).d,
    );
  });

  it('lets nobody else read it, whatever its rights were', async () => {
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    chmodSync(keyFile, 0o644);
    await createIssuer(1234, keyFile);
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
  });

  it.each(['', 'nonsense', '{}', '{"kty":"EC"}', 'null'])('refuses the file %j in one line', async (text) => {
    writeFileSync(keyFile, text);
    await expect(createIssuer(1234, keyFile)).rejects.toThrow(
      `${keyFile} holds no key of the issuer: delete it, and tokens given so far end`,
    );
  });

  it('says in one line that the key cannot be kept', async () => {
    await expect(createIssuer(1234, path.join(directory, 'nowhere', 'key.json'))).rejects.toThrow(
      "cannot keep the issuer's key in ",
    );
  });
});
