import type { NamedFault, ProxiedRequest } from './broken-deployment.ts';
import { answering } from './broken-deployment.ts';

const isTaskFrame = (frame: string): boolean => frame.includes('"type":"task.');
const isResume = ({ headers }: ProxiedRequest): boolean => headers['last-event-id'] !== undefined;

/** The body and headers that renew the lease of the stream that a request would end. */
function leaseBody({ path, headers }: ProxiedRequest): Pick<ProxiedRequest, 'headers' | 'body'> {
  const connectionId = path.split('/').at(-1);
  return {
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ connectionId }),
  };
}

/** Faults of streams and WebSockets, of what opens them and of what keeps and ends them. */
export const brokenStreams: readonly NamedFault[] = [
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
];
