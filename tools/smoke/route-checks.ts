import { paths, streamsPrefix } from '../../protocol/routes.ts';
import type { Deployment } from './deployment.ts';
import { SmokeFailure } from './failure.ts';
import type { HttpAnswer } from './http-answer.ts';
import { isObject, unexpectedAnswer } from './http-answer.ts';
import type { StepOutcome } from './steps.ts';

/** On the API's side of the edge too, and never a path of its own. */
const unknownPath = `${streamsPrefix}unknown`;

/** Sees that what has no route of its own gets the API's own answer, as every preflight does with the edge off. */
export async function refuseUnknownPath(
  deployment: Deployment,
  signal: AbortSignal,
): Promise<StepOutcome<true>> {
  const answer = await deployment.request('GET', unknownPath, { signal });
  const { status, body } = answer;
  if (status === 404 && isObject(body) && body['code'] === 'not_found')
    return { value: true, found: '404 not_found' };
  if (status >= 500) {
    throw new SmokeFailure(
      `GET ${unknownPath} answered ${status}; wanted 404 with the code not_found`,
      'the API may not invoke the function behind its route $default, or that function fails; preflights fail with it',
      'compare the Lambda permissions of the tasks function with the review sheet of the stage; deploy again',
    );
  }
  throw new SmokeFailure(
    `GET ${unknownPath} answered ${status}; wanted 404 with the code not_found`,
    'this answer is not of this API: something else takes the paths that it does not know',
    'check --base-url; behind CloudFront, check which origin /sse/* goes to; look at the route $default of the API',
  );
}

const contentTypes = { '.js': 'text/javascript', '.css': 'text/css' } as const;

const signIns: readonly unknown[] = ['oidc', 'switch', 'none'];

/** Sees that the page is there, with its policy, and all that it begins with, and knows how its users sign in. */
export async function readPage(deployment: Deployment, signal: AbortSignal): Promise<StepOutcome<true>> {
  const page = await readFile(deployment, signal, '/', 'text/html');
  expectPolicy(page.headers);
  const assets = [...String(page.body).matchAll(/ (?:src|href)="(\/[^"]+(\.js|\.css))"/g)];
  if (!assets.some(([, , ending]) => ending === '.js')) {
    throw new SmokeFailure(
      'GET / answered a page without a script',
      'something else than the board is served at /',
      'look at the bucket of the page and at the log of its upload; deploy again',
    );
  }
  for (const [, path = '', ending] of assets)
    await readFile(deployment, signal, path, contentTypes[ending as keyof typeof contentTypes]);
  const { body: settings } = await readFile(deployment, signal, '/config.json', 'application/json');
  const signIn = isObject(settings) ? settings['signIn'] : undefined;
  if (signIns.includes(signIn))
    return { value: true, found: `the page, which signs in by ${String(signIn)}` };
  throw new SmokeFailure(
    `/config.json says ${JSON.stringify(settings)}; wanted signIn to be one of ${signIns.join(', ')}`,
    'nobody can sign in: the page does not know how',
    'look at the log of the upload of the page’s settings; deploy again',
  );
}

/** @throws {SmokeFailure} when it is not there, or something else is. */
async function readFile(
  deployment: Deployment,
  signal: AbortSignal,
  path: string,
  type: string,
): Promise<HttpAnswer> {
  const answer = await deployment.request('GET', path, { signal, token: null });
  const told = answer.headers.get('content-type') ?? 'no content type';
  if (answer.status === 200 && told.startsWith(type)) return answer;
  throw new SmokeFailure(
    `GET ${path} answered ${answer.status} with ${told}; wanted 200 with ${type}`,
    'the page is not where it belongs: it was not uploaded, or the edge leads elsewhere',
    'give --page for a stage with the edge on only; look at the bucket of the page and at the log of its upload; deploy again',
  );
}

function expectPolicy(headers: Headers): void {
  if (headers.get('content-security-policy') !== null) return;
  throw new SmokeFailure(
    'GET / has no Content-Security-Policy',
    'a foreign script that gets into the page could send the tokens of its users anywhere',
    'look at the response headers policy of the edge’s default behavior, and for a proxy that drops headers',
  );
}

/** Sees that revoking rights is closed to a user who is no admin. Names a user whom nobody has, should it be open. */
export async function refuseRevocation(
  deployment: Deployment,
  signal: AbortSignal,
  nobody: string,
): Promise<StepOutcome<true>> {
  const answer = await deployment.request('POST', paths.revocations, { signal, body: { userId: nobody } });
  if (answer.status === 200) {
    throw new SmokeFailure(
      'POST /sse/revocations answered 200 to --token; wanted 403',
      'every user may lock everybody else out',
      'take the deployment off the net; compare the admin claim and value of the stage with the token',
    );
  }
  if (answer.status !== 403) throw unexpectedAnswer(answer, '403 for a user who is no admin');
  return { value: true, found: '403 for a user who is no admin' };
}
