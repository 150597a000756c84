import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { inspectLog, rememberTicket } from '../secrets/log-watch.ts';
import { runCommandFile, startCommand } from './command.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'taskwire-start-'));
const environment = { ...process.env, TASKWIRE_RUNNING: path.join(directory, 'running') };
const data = path.join(directory, 'data');
const otherOrigin = 'http://localhost:3000';

/** A running `npm start`, and what it has printed. */
interface Started {
  readonly child: ChildProcessWithoutNullStreams;
  readonly lines: string[];
  /** Resolves with the first line that matches. */
  readonly line: (pattern: RegExp) => Promise<string>;
}

function start(port: number): Started {
  const flags = ['--port', String(port), '--data', data, '--allow-origin', otherOrigin];
  const child = startCommand('local/commands/start.ts', flags, environment);
  const lines: string[] = [];
  const looks = new Set<() => void>();
  const closed = once(child, 'close');
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      lines.push(line);
      for (const look of looks) look();
    });
  }
  return {
    child,
    lines,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.find((line) => pattern.test(line));
          if (found !== undefined) resolve(found);
        };
        looks.add(look);
        void closed.then(() => reject(new Error(`ended before ${pattern}: ${lines.join('\n')}`)));
        look();
      }),
  };
}

/** A curl line as a request: a shell would read its double quotes. */
function requestOf(text: string): [url: string, init: RequestInit] {
  const [, method = 'GET'] = / -X (\w+)/.exec(text) ?? [];
  const quoted = [...text.matchAll(/(?:(-H|-d) )?"((?:[^"\\]|\\.)*)"/g)].map(([, flag, value = '']) => ({
    flag,
    value: value.replaceAll(/\\(.)/g, '$1'),
  }));
  const headers = quoted
    .filter(({ flag }) => flag === '-H')
    .map(({ value }) => value.split(': ', 2) as [string, string]);
  const url = quoted.find(({ flag }) => flag === undefined)?.value ?? '';
  const body = quoted.find(({ flag }) => flag === '-d')?.value ?? null;
  return [url, { method, headers, body }];
}

let stack: Started;
let url: string;
let token: string;
beforeAll(async () => {
  stack = start(0);
  url = /^ready (\S+)/.exec(await stack.line(/^ready /))![1]!;
  // The last that it prints before it serves.
  await stack.line(/^--tasks-table /);
});
afterAll(async () => {
  stack.child.kill('SIGINT');
  await once(stack.child, 'close');
  rmSync(directory, { recursive: true, force: true });
});

async function curl(pattern: RegExp): Promise<Response> {
  return fetch(...requestOf(await stack.line(pattern)));
}

describe('npm start that is ready', () => {
  it('says where its data is, and prints lines to copy that work', async () => {
    expect(stack.lines).toContain(`Tasks and tokens are kept in ${data}.`);
    const location = (await stack.line(/^--tasks-table /)).split(' ');
    for (const [file, said] of [
      ['log', 'nothing of this workspace'],
      ['connections', 'no open connections'],
    ]) {
      const flags = [...location, '--workspace', 'nobody'];
      const run = await runCommandFile(`operate/${file}.ts`, flags);
      expect(run).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining(said!) });
    }
    const created = await curl(/^curl -X POST /);
    expect(created.status).toBe(201);
    const listed = await curl(/^curl "/);
    expect(await listed.json()).toMatchObject({ tasks: [{ name: 'Buy milk' }] });
    const stream = await curl(/^curl -N "/);
    expect(stream.status).toBe(200);
    await stream.body?.cancel();
  });

  it('is found by the command that prints tokens, whatever its port', async () => {
    const { code, stdout, stderr } = await runCommandFile(
      'local/commands/token.ts',
      ['--sub', 'bob'],
      environment,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    token = stdout.trim();
    const answer = await fetch(`${url}/tasks`, { headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(200);
  });

  it.each(['http://localhost:5173', otherOrigin])(
    'lets pages of %s open a stream with credentials',
    async (origin) => {
      const stream = await fetch(`${url}/sse/connect?token=${token}`, { headers: { origin } });
      expect(stream.status).toBe(200);
      expect(stream.headers.get('access-control-allow-origin')).toBe(origin);
      expect(stream.headers.get('access-control-allow-credentials')).toBe('true');
      await stream.body?.cancel();
    },
  );

  it('prints a line for each request and each event, without query, token or control character', async () => {
    const printed = stack.lines.findIndex((line) => line.startsWith('--tasks-table '));
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const streams = [
      await fetch(`${url}/sse/connect?token=${token}`),
      await fetch(`${url}/sse/connect?token=${token}`),
    ];
    await fetch(`${url}/tasks?limit=1&token=${token}`, { headers });
    await fetch(`${url}/nothing/${token}`);
    const given = await fetch(`${url}/sse/ticket`, {
      method: 'POST',
      headers: { authorization: headers.authorization },
    });
    const { ticket } = (await given.json()) as { readonly ticket: string };
    rememberTicket(ticket);
    streams.push(await fetch(`${url}/sse/connect?ticket=${ticket}`));
    await fetch(`${url}/nothing/${ticket}`);
    const created = await fetch(`${url}/tasks`, {
      method: 'POST',
      headers,
      body: '{"name":"a secret name"}',
    });
    const { task } = (await created.json()) as { readonly task: { readonly id: number } };
    await stack.line(new RegExp(`^\\d\\d:\\d\\d:\\d\\d event task\\.created ${task.id} to 3 streams$`));
    for (const stream of streams) await stream.body?.cancel();
    await stack.line(/GET \/sse\/connect ended after \d+\.\d s$/);
    await stack.line(/GET \/nothing\/\(token\) 40[14] \d+ ms$/);
    await stack.line(/GET \/nothing\/\(ticket\) 40[14] \d+ ms$/);
    await stack.line(/ POST \/sse\/ticket 200 \d+ ms$/);
    await stack.line(/^\d\d:\d\d:\d\d GET \/tasks 200 \d+ ms$/);
    await stack.line(/ POST \/tasks 201 \d+ ms$/);
    await stack.line(/ GET \/sse\/connect 200 open$/);
    for (const line of stack.lines.slice(printed + 1)) {
      expect(line).not.toMatch(/\?|secret name|eyJ|\p{Cc}/u);
      inspectLog('npm start', line);
    }
  });

  it('can be started again under an open page: its stream waits and goes on, with its token and its tasks', async () => {
    const authorization = `Bearer ${token}`;
    const headers = { authorization, 'content-type': 'application/json' };
    const body = '{"name":"from before"}';
    expect((await fetch(`${url}/tasks`, { method: 'POST', headers, body })).status).toBe(201);
    stack.child.kill('SIGINT');
    await once(stack.child, 'close');
    stack = start(Number(new URL(url).port));
    // As an EventSource does: what is refused is tried again, but any answer other than 200 is the end.
    const { promise: bound, resolve } = Promise.withResolvers<Response>();
    const connect = (): void => {
      fetch(`${url}/sse/connect?token=${token}`).then(resolve, () => setTimeout(connect, 10));
    };
    connect();
    const stream = await bound;
    expect(stream.status).toBe(200);
    await stream.body?.cancel();
    const listed = await fetch(`${url}/tasks`, { headers: { authorization } });
    expect(await listed.json()).toMatchObject({
      tasks: expect.arrayContaining([expect.objectContaining({ name: 'from before' })]),
    });
    await stack.line(/^ready /);
  });
});
