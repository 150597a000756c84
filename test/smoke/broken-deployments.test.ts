import { TestStack } from '../end-to-end/stack.ts';
import { startBrokenDeployment } from './broken-deployment.ts';
import type { Fault, ProxiedRequest } from './broken-deployment.ts';
import { smokeReport } from './smoke-command.ts';

let stack: TestStack;
let goodToken: string;
beforeAll(async () => {
  stack = await TestStack.start();
  goodToken = await stack.local.issuer.sign({ sub: 'alice' });
});
afterAll(() => stack.close());

/** What the first step that fails must say. */
interface Finding {
  readonly found: RegExp;
  readonly meaning: RegExp;
}

const isTaskFrame = (frame: string): boolean => frame.includes('"type":"task.');
const isResume = ({ headers }: ProxiedRequest): boolean => headers['last-event-id'] !== undefined;

const faults: ReadonlyArray<readonly [name: string, fault: Fault, finding: Finding]> = [
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
        request.method === 'DELETE' ? Response.json({ success: true }) : forward(request),
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

describe('the smoke test finds a deployment', () => {
  it.each(faults)('%s', async (_, fault, { found, meaning }) => {
    await using broken = await startBrokenDeployment(stack.local.url, fault);
    const { code, steps, stdout } = await smokeReport([
      '--base-url',
      broken.url,
      '--token',
      goodToken,
      '--origin',
      stack.local.url,
      '--timeout',
      '5',
    ]);
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
    const { code, steps } = await smokeReport(['--base-url', broken.url, '--token', token, '--timeout', '5']);
    expect(code).toBe(1);
    expect(steps.at(-1)).toMatchObject({ name: 'clean up', outcome: 'passed' });
    expect((await stack.request(who, 'GET', '/tasks')).body.tasks).toEqual([]);
  });
});
