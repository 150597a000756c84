import type { NamedFault } from './broken-deployment.ts';
import { answering } from './broken-deployment.ts';

/**
 * Faults of the API and the page.
 * @param goodToken a token of a user.
 */
export const brokenApis = (goodToken: () => string): readonly NamedFault[] => [
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
    'without the page',
    answering('GET', /^\/$/, () => new Response('<Error/>', { status: 404 })),
    { found: /GET \/ answered 404/, meaning: /the page is not where it belongs/ },
  ],
  [
    'whose page has lost its script',
    answering('GET', /^\/assets\/.*\.js$/, () => new Response('<Error/>', { status: 404 })),
    { found: /GET \/assets\/index-\S+\.js answered 404/, meaning: /the page is not where it belongs/ },
  ],
  [
    'whose page has lost its styles',
    answering('GET', /^\/assets\/.*\.css$/, () => new Response('<Error/>', { status: 404 })),
    { found: /GET \/assets\/index-\S+\.css answered 404/, meaning: /the page is not where it belongs/ },
  ],
  [
    'with somebody else’s page',
    answering(
      'GET',
      /^\/$/,
      () =>
        new Response('<h1>Welcome</h1>', {
          headers: { 'content-type': 'text/html', 'content-security-policy': "default-src 'none'" },
        }),
    ),
    { found: /GET \/ answered a page without a script/, meaning: /something else than the board/ },
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
    'that takes any token',
    {
      answer: (request, forward) =>
        forward({ ...request, headers: { ...request.headers, authorization: `Bearer ${goodToken()}` } }),
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
    'where a ticket is as good as its token',
    {
      answer: (request, forward) =>
        forward(
          /^Bearer [\w-]{43}\.[0-9a-z]+$/.test(request.headers['authorization'] ?? '')
            ? { ...request, headers: { ...request.headers, authorization: `Bearer ${goodToken()}` } }
            : request,
        ),
    },
    {
      found: /GET \/tasks with a ticket as its token answered 200/,
      meaning: /a ticket opens more than streams/,
    },
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
