import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { TestStack } from '../end-to-end/stack.ts';
import { startBrokenDeployment } from './broken-deployment.ts';
import type { Fault, ProxiedRequest } from './broken-deployment.ts';
import type { SmokeRun } from './smoke-command.ts';
import { smokeReport } from './smoke-command.ts';

let stack: TestStack;
let goodToken: string;
beforeAll(async () => {
  stack = await TestStack.start({ pageDirectory: join(import.meta.dirname, '../../dashboard') });
  goodToken = await stack.local.issuer.sign({ sub: 'alice' });
});
afterAll(() => stack.close());

/** What the first step that fails must say. */
interface Finding {
  readonly found: RegExp;
  readonly meaning: RegExp;
}

/** The body and headers that renew the lease of the stream that a request would end. */
function leaseBody({ path, headers }: ProxiedRequest): Pick<ProxiedRequest, 'headers' | 'body'> {
  const connectionId = path.split('/').at(-1);
  return {
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ connectionId }),
  };
}

const isTaskFrame = (frame: string): boolean => frame.includes('"type":"task.');
const isResume = ({ headers }: ProxiedRequest): boolean => headers['last-event-id'] !== undefined;

/** Answers requests of this method to this path otherwise, and passes on all others. */
function answering(method: string, path: RegExp, answer: () => Response): Fault {
  return {
    answer: async (request, forward) =>
      request.method === method && path.test(request.path) ? answer() : forward(request),
  };
}

const faults: ReadonlyArray<readonly [name: string, fault: Fault, finding: Finding]> = [
  [
    'that may not invoke the function behind its default route',
    answering('GET', /unknown/, () => Response.json({ message: 'Internal Server Error' }, { status: 500 })),
    { found: /GET \/sse\/unknown answered 500/, meaning: /may not invoke the function/ },
  ],
  [
    'that answers unknown paths with something else',
    answering('GET', /unknown/, () => new Response('<h1>Welcome</h1>')),
    { found: /GET \/sse\/unknown answered 200/, meaning: /not of this API/ },
  ],
  [
    'where every user may revoke rights',
    answering('POST', /revocations/, () =>
      Response.json({ userId: 'a', notBefore: '', connectionsEnded: 0 }),
    ),
    { found: /POST \/sse\/revocations answered 200/, meaning: /lock everybody else out/ },
  ],
  [
    'that says to have ended a stream that is not there',
    answering('DELETE', /connections/, () => Response.json({ success: true })),
    { found: /DELETE \/sse\/connections\/\{id\} answered 200/, meaning: /a stream that nobody has/ },
  ],
  [
    'that renews no lease',
    answering('POST', /lease/, () => Response.json({ code: 'connection_not_found' }, { status: 404 })),
    { found: /POST \/sse\/lease answered 404/, meaning: /does not note that its streams have a lease/ },
  ],
  [
    'whose renewed leases have ended already',
    {
      answer: async (request, forward) => {
        const answer = await forward(request);
        if (request.path !== '/sse/lease') return answer;
        return Response.json({ ...((await answer.json()) as object), expiresAt: '2020-01-01T00:00:00.000Z' });
      },
    },
    { found: /until 2020-01-01T00:00:00.000Z/, meaning: /end while their clients are there/ },
  ],
  [
    'that does not end a stream that its user ends',
    {
      answer: async (request, forward) => {
        if (request.method !== 'DELETE' || !request.path.startsWith('/sse/')) return forward(request);
        const known = await forward({
          ...request,
          path: '/sse/lease',
          method: 'POST',
          ...leaseBody(request),
        });
        return known.ok ? Response.json({ success: true }) : forward(request);
      },
    },
    {
      found: /DELETE .* answered 200, but the stream did not end/,
      meaning: /is paid for, until its session ends/,
    },
  ],
  [
    'without the page',
    answering('GET', /^\/$/, () => new Response('<Error/>', { status: 404 })),
    { found: /GET \/ answered 404/, meaning: /the page is not where it belongs/ },
  ],
  [
    'whose page has lost its script',
    answering('GET', /^\/board\.js$/, () => new Response('<Error/>', { status: 404 })),
    { found: /GET \/board.js answered 404/, meaning: /the page is not where it belongs/ },
  ],
  [
    'whose page does not know how its users sign in',
    answering('GET', /^\/config\.json$/, () => Response.json({})),
    { found: /\/config.json says {}/, meaning: /nobody can sign in/ },
  ],
  [
    'whose page is without its policy',
    {
      answer: async (request, forward) => {
        const answer = await forward(request);
        const headers = new Headers(answer.headers);
        headers.delete('content-security-policy');
        return new Response(answer.status === 204 ? null : answer.body, { status: answer.status, headers });
      },
    },
    { found: /GET \/ has no Content-Security-Policy/, meaning: /a foreign script/ },
  ],
  [
    'whose stream is held back',
    { frames: () => () => '' },
    {
      found: /the stream is open, but sends no frame/,
      meaning: /holds the answer back/,
    },
  ],
  [
    'whose stream answers 200 but never tells of a change',
    { frames: () => (frame) => (isTaskFrame(frame) ? '' : frame) },
    {
      found: /these events did not come: task\.created; seen: none/,
      meaning: /the write did not become an event/,
    },
  ],
  [
    'that loses a PATCH',
    {
      answer: async (request, forward) => {
        if (request.method !== 'PATCH') return forward(request);
        const current = await forward({ ...request, method: 'GET', body: '' });
        const { task } = (await current.json()) as { task: { version: number } };
        const changed = { ...task, ...(JSON.parse(request.body) as object), version: task.version + 1 };
        return Response.json({ task: changed });
      },
    },
    {
      found: /gives status "inbox"; wanted "in_progress"/,
      meaning: /what is read afterwards does not have it/,
    },
  ],
  [
    'that lets every origin in',
    {
      answer: async (request, forward) => {
        const answer = await forward(request);
        const { origin } = request.headers;
        const headers = new Headers(answer.headers);
        if (origin !== undefined) headers.set('access-control-allow-origin', origin);
        const body = answer.status === 204 ? null : answer.body;
        return new Response(body, { status: answer.status, headers });
      },
    },
    {
      found:
        /from https:\/\/unlisted\.invalid is told Access-Control-Allow-Origin: https:\/\/unlisted\.invalid/,
      meaning: /whatever origin asks is allowed/,
    },
  ],
  [
    'that answers preflights without the origin of the dashboard',
    {
      answer: async (request, forward) =>
        request.method === 'OPTIONS' ? new Response(null, { status: 204 }) : forward(request),
    },
    { found: /allows no origin/, meaning: /browsers refuse/ },
  ],
  [
    'that does not end a stream whose page is gone',
    {
      answer: async (request, forward) =>
        request.path === '/sse/disconnect' ? Response.json({ success: true }) : forward(request),
    },
    { found: /answered 200, but the stream did not end/, meaning: /is paid for, until its session ends/ },
  ],
  [
    'that sends each event twice',
    { frames: () => (frame) => (isTaskFrame(frame) ? frame + frame : frame) },
    {
      found: /the stream told task\.created, task\.created/,
      meaning: /events come more than once, as the same frame/,
    },
  ],
  [
    'that repeats an event later',
    {
      frames: () => {
        let last = '';
        return (frame) => {
          if (frame.includes('"task.deleted"')) last = frame;
          return frame.includes('"task.created"') ? last + frame : frame;
        };
      },
    },
    {
      found: /task\.deleted, task\.deleted/,
      meaning: /events come more than once, as the same frame/,
    },
  ],
  [
    'that mixes the events of a status change up',
    {
      frames: () => {
        let held = '';
        return (frame) => {
          if (frame.includes('"task.status_changed"')) {
            held = frame;
            return '';
          }
          const sent = frame + held;
          held = '';
          return sent;
        };
      },
    },
    {
      found: /task\.created, task\.updated, task\.status_changed; wanted/,
      meaning: /lost, mixed up/,
    },
  ],
  [
    'that takes any token',
    {
      answer: (request, forward) =>
        forward({ ...request, headers: { ...request.headers, authorization: `Bearer ${goodToken}` } }),
    },
    { found: /with no token answered 200/, meaning: /anybody can read here/ },
  ],
  [
    'that answers 403 instead of 401',
    {
      answer: async (request, forward) => {
        const answer = await forward(request);
        return answer.status === 401 ? Response.json({ message: 'Forbidden' }, { status: 403 }) : answer;
      },
    },
    { found: /answered 403/, meaning: /only CloudFront may call/ },
  ],
  [
    'whose edge drops Last-Event-ID',
    {
      answer: (request, forward) => {
        const { 'last-event-id': _, ...headers } = request.headers;
        return forward({ ...request, headers });
      },
    },
    {
      found: /the second frame is .*; wanted resume/,
      meaning: /Last-Event-ID did not reach/,
    },
  ],
  [
    'whose resume replays nothing',
    { frames: (request) => (frame) => (isResume(request) && isTaskFrame(frame) ? '' : frame) },
    {
      found: /says that it is complete, but 0 of 4 events were replayed/,
      meaning: /loses changes without knowing it/,
    },
  ],
  [
    'that forgets its log',
    {
      answer: (request, forward) =>
        forward(
          isResume(request)
            ? { ...request, headers: { ...request.headers, 'last-event-id': '0123456789abcdef.1.0.0.x' } }
            : request,
        ),
    },
    { found: /"reason":"unknown_cursor"/, meaning: /is not known/ },
  ],
  [
    'whose history tells what is gone',
    {
      answer: async (request, forward) =>
        request.path.startsWith('/events')
          ? Response.json({ events: [{ type: 'task.created' }, { type: 'task.deleted' }], complete: true })
          : forward(request),
    },
    {
      found: /history of a task that is deleted tells task.created, task.deleted/,
      meaning: /may not be seen any more/,
    },
  ],
  [
    'whose history is empty',
    {
      answer: async (request, forward) =>
        request.path.startsWith('/events') ? Response.json({ events: [], complete: true }) : forward(request),
    },
    { found: /the history tells 0 events/, meaning: /comes late misses/ },
  ],
  [
    'behind a proxy that drops what it does not know of the query',
    {
      answer: (request, forward) => {
        const [path, query] = request.path.split('?');
        const known = new URLSearchParams(
          [...new URLSearchParams(query)].filter(([name]) => name !== 'events'),
        );
        return forward(query === undefined ? request : { ...request, path: `${path}?${known.toString()}` });
      },
    },
    { found: /asked for task.deleted alone was told task.created/, meaning: /filters do nothing/ },
  ],
  [
    'where a ticket is as good as its token',
    {
      answer: (request, forward) =>
        forward(
          /^Bearer [\w-]{43}\.[0-9a-z]+$/.test(request.headers['authorization'] ?? '')
            ? { ...request, headers: { ...request.headers, authorization: `Bearer ${goodToken}` } }
            : request,
        ),
    },
    {
      found: /GET \/tasks with a ticket as its token answered 200/,
      meaning: /a ticket opens more than streams/,
    },
  ],
  [
    'whose edge drops the ticket from the query',
    {
      answer: (request, forward) =>
        forward({ ...request, path: request.path.replace(/([?&])ticket=[^&]*/, '$1') }),
    },
    { found: /just given answered 401 token_missing/, meaning: /the ticket did not reach the function/ },
  ],
  [
    'whose stream does not know the tickets of its API',
    {
      answer: (request, forward) =>
        forward({ ...request, path: request.path.replace(/([?&]ticket=)[^&.]*/, `$1${'a'.repeat(43)}`) }),
    },
    { found: /just given answered 401 token_invalid/, meaning: /does not know what the connections/ },
  ],
  [
    'whose tickets have expired when they are given',
    {
      answer: async (request, forward) => {
        const answer = await forward(request);
        if (request.method !== 'POST' || request.path !== '/sse/ticket' || !answer.ok) return answer;
        const given = (await answer.json()) as object;
        return Response.json(
          { ...given, expiresAt: '2020-01-01T00:00:00.000Z' },
          { headers: { 'cache-control': 'no-store' } },
        );
      },
    },
    { found: /gave a ticket until 2020-01-01T00:00:00.000Z/, meaning: /no stream can be opened/ },
  ],
  [
    'that lets no WebSocket in',
    { sockets: 'refused' },
    { found: /the WebSocket was refused/, meaning: /second transport get nothing/ },
  ],
  [
    'whose WebSocket answers with errors',
    { sockets: () => '{"event":"error","data":{"code":"internal"}}' },
    { found: /began with \{"event":"error"/, meaning: /let in and then told nothing/ },
  ],
  [
    'whose pushes do not come',
    { sockets: (message) => (message.includes('"task.created"') ? undefined : message) },
    { found: /a task that was made was not pushed/, meaning: /hear nothing while streams do/ },
  ],
  [
    'that shows everybody who is connected',
    {
      answer: async (request, forward) =>
        request.path === '/sse/stats'
          ? Response.json({ totalConnections: 0, connections: [] })
          : forward(request),
    },
    { found: /answered 200/, meaning: /may see who is connected/ },
  ],
  [
    'whose deletes do nothing',
    {
      answer: async (request, forward) =>
        request.method === 'DELETE' && request.path.startsWith('/tasks/')
          ? Response.json({ success: true })
          : forward(request),
    },
    { found: /answered 200 after the task was deleted/, meaning: /still there/ },
  ],
  [
    'whose tasks function fails',
    {
      answer: async (request, forward) =>
        request.path.startsWith('/tasks')
          ? Response.json({ message: 'Internal Server Error' }, { status: 500 })
          : forward(request),
    },
    { found: /answered 500/, meaning: /the function, or its way there, fails/ },
  ],
];

/** What the smoke test says of a deployment with a fault; in a workspace of its own, since others run beside it. */
async function tryDeployment(fault: Fault): Promise<SmokeRun> {
  await using broken = await startBrokenDeployment(stack.local.url, fault);
  const token = await stack.local.issuer.sign({ sub: 'alice', workspace: `deployment-${randomUUID()}` });
  const flags = ['--base-url', broken.url, '--token', token, '--origin', stack.local.url];
  return await smokeReport([...flags, '--page', '--timeout', '15']);
}

describe('the smoke test finds a deployment', () => {
  /** Of each deployment, by its name. */
  const runs = new Map(faults.map(([name]) => [name, Promise.withResolvers<SmokeRun>()]));
  beforeAll(() => {
    // A run waits more than it computes: some go on at a time, and each test waits for its own.
    const waiting = [...faults];
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [name, fault] = next;
        await tryDeployment(fault).then(runs.get(name)!.resolve, runs.get(name)!.reject);
      }
    };
    for (let count = 0; count < 4; count += 1) void work();
    // A run that fails before its test is there is not lost.
    for (const { promise } of runs.values()) promise.catch(() => undefined);
  });

  it.each(faults)('%s', async (name, _, { found, meaning }) => {
    const { code, steps, stdout } = await runs.get(name)!.promise;
    expect(code).toBe(1);
    const failed = steps.find(({ outcome }) => outcome === 'failed');
    expect(failed).toMatchObject({
      found: expect.stringMatching(found),
      meaning: expect.stringMatching(meaning),
      remedy: expect.stringMatching(/./),
    });
    expect(stdout).toContain(`    means: ${failed!.meaning}\n    do:    ${failed!.remedy}`);
  });

  it('and still removes what it has made', async () => {
    const who = { sub: 'alice', workspace: 'left-over' };
    const token = await stack.local.issuer.sign(who);
    await using broken = await startBrokenDeployment(stack.local.url, {
      answer: async (request, forward) =>
        request.method === 'PATCH' ? new Response('', { status: 502 }) : forward(request),
    });
    const { code, steps } = await smokeReport([
      '--base-url',
      broken.url,
      '--token',
      token,
      '--timeout',
      '15',
    ]);
    expect(code).toBe(1);
    expect(steps.at(-1)).toMatchObject({ name: 'clean up', outcome: 'passed' });
    expect((await stack.request(who, 'GET', '/tasks')).body.tasks).toEqual([]);
  });
});
