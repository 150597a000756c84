import { pathTo, paths } from '../../protocol/routes.ts';
import { badToken } from './access-checks.ts';
import type { Deployment } from './deployment.ts';
import { SmokeFailure } from './failure.ts';
import { unexpectedAnswer } from './http-answer.ts';
import type { HttpAnswer } from './http-answer.ts';
import type { StepOutcome } from './steps.ts';

/** A site that no stage lists: `.invalid` belongs to nobody (RFC 2606). */
const unlistedOrigin = 'https://unlisted.invalid';

/** What a browser asks for before the requests of a dashboard. */
const samplePreflights = [
  { path: paths.tasks, method: 'POST', headers: 'authorization,content-type' },
  { path: pathTo(paths.task, 1), method: 'PATCH', headers: 'authorization,content-type,if-match' },
  { path: pathTo(paths.task, 1), method: 'DELETE', headers: 'authorization' },
  { path: paths.ticket, method: 'POST', headers: 'authorization' },
  { path: paths.stream, method: 'GET', headers: 'authorization,last-event-id' },
] as const;

type Preflight = (typeof samplePreflights)[number];

function preflightsTo(skipStream: boolean): readonly Preflight[] {
  return samplePreflights.filter(({ path }) => !(skipStream && path === paths.stream));
}

async function preflight(
  deployment: Deployment,
  signal: AbortSignal,
  origin: string,
  { path, method, headers }: Preflight,
): Promise<HttpAnswer> {
  return deployment.request('OPTIONS', path, {
    signal,
    token: null,
    headers: {
      origin,
      'access-control-request-method': method,
      'access-control-request-headers': headers,
    },
  });
}

function expectAllowed(answer: HttpAnswer, origin: string): void {
  const allowed = answer.headers.get('access-control-allow-origin');
  if (allowed !== origin) {
    throw new SmokeFailure(
      `${answer.request} allows ${allowed ?? 'no origin'}; wanted ${origin}`,
      'browsers refuse what this origin asks for',
      'put the origin into the allowed origins of the stage, as scheme, host and port without a slash, and deploy',
    );
  }
  const credentials = answer.headers.get('access-control-allow-credentials');
  if (credentials !== 'true') {
    throw new SmokeFailure(
      `${answer.request} answers Access-Control-Allow-Credentials: ${credentials ?? '(none)'}; wanted true`,
      'browsers refuse an EventSource with withCredentials, and a fetch with credentials',
      'compare the CORS settings of the API and of the Function URL with those of the template; deploy again',
    );
  }
}

/** Whether a comma-separated header holds all of these; a `*` holds every one, but no authorization. */
function listHolds(value: string | null, wanted: readonly string[]): boolean {
  const held = new Set((value ?? '').split(',').map((entry) => entry.trim().toLowerCase()));
  return wanted.every(
    (entry) => held.has(entry.toLowerCase()) || (held.has('*') && entry !== 'authorization'),
  );
}

/** Sees that pages of this origin may call: the preflights, and a request itself. */
export async function allowOrigin(
  deployment: Deployment,
  signal: AbortSignal,
  origin: string,
  skipStream: boolean,
): Promise<StepOutcome<true>> {
  const asked = preflightsTo(skipStream);
  for (const request of asked) {
    const answer = await preflight(deployment, signal, origin, request);
    if (answer.status < 200 || answer.status >= 300) throw unexpectedAnswer(answer, 'a status 2xx');
    expectAllowed(answer, origin);
    const methods = answer.headers.get('access-control-allow-methods');
    const headers = answer.headers.get('access-control-allow-headers');
    // A browser asks for GET, HEAD and POST without reading the list.
    const methodHolds = ['GET', 'POST'].includes(request.method) || listHolds(methods, [request.method]);
    if (!methodHolds || !listHolds(headers, request.headers.split(','))) {
      throw new SmokeFailure(
        `OPTIONS ${request.path} allows the methods ${methods ?? '(none)'} and the headers ${headers ?? '(none)'}; wanted ${request.method} with ${request.headers}`,
        'browsers refuse a request that the dashboard needs',
        'compare the CORS settings of the API and of the Function URL with those of the template; deploy again',
      );
    }
  }
  const answer = await deployment.request('GET', `${paths.tasks}?limit=1`, { signal, headers: { origin } });
  if (answer.status !== 200) throw unexpectedAnswer(answer, '200');
  expectAllowed(answer, origin);
  if (!skipStream) expectAllowed(await refusedStream(deployment, signal, origin), origin);
  return { value: true, found: `${asked.length} preflights, and requests themselves` };
}

/** Sees that pages of an origin that no stage lists are told nothing. */
export async function ignoreUnlistedOrigin(
  deployment: Deployment,
  signal: AbortSignal,
  skipStream: boolean,
): Promise<StepOutcome<true>> {
  const answers: HttpAnswer[] = [];
  for (const request of preflightsTo(skipStream)) {
    answers.push(await preflight(deployment, signal, unlistedOrigin, request));
  }
  const headers = { origin: unlistedOrigin };
  answers.push(await deployment.request('GET', `${paths.tasks}?limit=1`, { signal, headers }));
  if (!skipStream) answers.push(await refusedStream(deployment, signal, unlistedOrigin));
  for (const { request, headers: told } of answers) {
    const allowed = told.get('access-control-allow-origin');
    if (allowed === null) continue;
    throw new SmokeFailure(
      `${request} from ${unlistedOrigin} is told Access-Control-Allow-Origin: ${allowed}; wanted no such header`,
      allowed === unlistedOrigin
        ? 'whatever origin asks is allowed: any web site may call with a token it has got hold of'
        : 'the header does not depend on who asks, so other origins may be allowed too',
      'list the origins of the stage one by one; look for a proxy or a function that sets the header itself',
    );
  }
  return { value: true, found: `nothing told, ${answers.length} times` };
}

/** An answer of the stream with its CORS headers that opens no session: those are paid for until their end. */
function refusedStream(deployment: Deployment, signal: AbortSignal, origin: string): Promise<HttpAnswer> {
  return deployment.request('GET', paths.stream, { signal, token: badToken, headers: { origin } });
}
