import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { ending, startCommand } from '../commands/command.ts';
import { redactor } from '../../tools/smoke/report.ts';
import { TestStack } from '../end-to-end/stack.ts';
import { smoke, smokeReport } from './smoke-command.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start({ pageDirectory: path.join(import.meta.dirname, '../../dashboard') });
});
afterAll(() => stack.close());

describe('against a sound deployment the smoke test', () => {
  const alice = { sub: 'alice', workspace: 'smoke' };
  const root = { sub: 'root', workspace: 'smoke', admin: true };

  it('passes every step, leaves no task, and shows no token', async () => {
    const token = await stack.local.issuer.sign(alice);
    const adminToken = await stack.local.issuer.sign(root);
    const { code, stdout, stderr, steps, json } = await smokeReport([
      '--base-url',
      stack.local.url,
      '--token',
      token,
      '--admin-token',
      adminToken,
      '--origin',
      stack.local.url,
      '--page',
      // How long a step may take is not what this is about.
      '--timeout',
      '60',
    ]);
    const failed = steps.filter(({ outcome }) => outcome !== 'passed');
    expect({ failed, troubles: failed.length > 0 && stack.troubles }).toEqual({
      failed: [],
      troubles: false,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^passed: \d+ steps$/m);
    // To the admin: one who sees private tasks too.
    expect((await stack.request(root, 'GET', '/tasks')).body.tasks).toEqual([]);
    expect((await stack.request(root, 'GET', '/presence')).body.viewers).toEqual([]);
    for (const part of [token, adminToken].flatMap((whole) => whole.split('.').slice(1))) {
      expect(stdout + json).not.toContain(part);
    }
    expect(stdout + json).not.toMatch(/[\w-]{43}\.[0-9a-z]{6}/);
  });

  it('ends without a word when whoever reads it leaves, and leaves no task', async () => {
    const token = await stack.local.issuer.sign(alice);
    const child = startCommand('tools/smoke.ts', ['--base-url', stack.local.url, '--token', token]);
    // As `| head -n 1` does.
    child.stdout.once('data', () => child.stdout.destroy());
    const { code, stderr } = await ending(child);
    expect(stderr).toBe('');
    expect(code).toBe(1);
    expect((await stack.request(alice, 'GET', '/tasks')).body.tasks).toEqual([]);
  });

  it('leaves the streams out where that is asked for, and takes the token from the environment', async () => {
    const { code, stdout } = await smoke(['--base-url', stack.local.url, '--skip-stream'], {
      TASKWIRE_TOKEN: await stack.local.issuer.sign(alice),
    });
    expect(code).toBe(0);
    expect(stdout).toContain('- resume');
    expect(stdout).toContain('- connect by the ticket');
    expect(stdout).toContain('✓ a ticket is no token');
    expect(stdout).toContain('✓ delete the task');
  });

  it('reaches a stream that has an address of its own', async () => {
    const token = await stack.local.issuer.sign(alice);
    const streamUrl = `http://127.0.0.1:${stack.local.port}`;
    const flags = ['--base-url', stack.local.url, '--token', token, '--stream-url'];
    expect(await smoke([...flags, streamUrl])).toMatchObject({ code: 0 });

    const { code, steps } = await smokeReport([...flags, 'http://127.0.0.1:9']);
    expect(code).toBe(1);
    expect(steps.find(({ name }) => name === 'connect')).toMatchObject({ outcome: 'failed' });
    expect(steps.find(({ name }) => name === 'delete the task')).toMatchObject({ outcome: 'passed' });
  });

  it('says what is wrong with the token', async () => {
    const expired = await stack.local.issuer.sign({ ...alice, expiresIn: -60 });
    const { code, stdout } = await smoke(['--base-url', stack.local.url, '--token', expired]);
    expect(code).toBe(1);
    expect(stdout).toContain('means: the token has expired\n    do:    get a new one from the issuer');
  });
});

describe('the smoke test', () => {
  it('says that nothing listens at the address', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const baseUrl = `http://127.0.0.1:${port}`;
    const { code, stdout, stderr, json } = await smokeReport(['--base-url', baseUrl, '--token', 'a.b.c']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`smoke: ${baseUrl}: nothing listens at this address (`);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(json)).toMatchObject({ passed: false, steps: [{ outcome: 'failed' }] });
  });

  it('redacts a ticket that the deployment repeats', () => {
    const ticket = `${'a-Z_0'.repeat(9).slice(0, 43)}.tp5wt0`;
    expect(redactor([])(`what is "${ticket}"? a.b ${ticket}`)).toBe('what is "(ticket)"? a.b (ticket)');
  });

  it('redacts a token that the deployment repeats', async () => {
    const token = `eyJhbGciOiJub25lIn0.${'secret'.repeat(5)}.signature-of-it`;
    const server = createServer((request, response) => {
      response.writeHead(400).end(`what is ${request.headers.authorization ?? request.url}?`);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { code, stdout, json } = await smokeReport([
      '--base-url',
      `http://127.0.0.1:${port}`,
      '--token',
      token,
    ]);
    server.close();
    expect(code).toBe(1);
    expect(stdout).toContain('what is Bearer (token)?');
    expect(stdout + json).not.toContain('secretsecret');
  });

  it.each([
    [[], '--base-url is missing'],
    [['--base-url', 'taskwire'], '--base-url takes scheme and host'],
    [['--base-url', 'https://a.example/tasks'], '--base-url takes scheme and host'],
    [['--base-url', 'https://a.example'], '--token is missing'],
    [['--base-url', 'https://a.example', '--token', 'Bearer abc'], '--token takes a JWT alone'],
    [['--base-url', 'https://a.example', '--token', 'abc', '--origin', 'a.example/'], '--origin takes'],
    [['--base-url', 'https://a.example', '--token', 'abc', '--timeout', '0'], '--timeout takes seconds'],
    [['--base-uri', 'https://a.example'], "Unknown option '--base-uri'"],
    [['https://a.example'], "Unexpected argument 'https://a.example'"],
  ])('refuses the command line %j in one line', async (flags, message) => {
    const { code, stdout, stderr } = await smoke(flags);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
