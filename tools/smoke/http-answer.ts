import { SmokeFailure } from './failure.ts';

/** An answer of the deployment, read to its end. */
export interface HttpAnswer {
  /** Method and path, without the query: it can hold the token. */
  readonly request: string;
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where the answer is JSON, else the text. */
  readonly body: unknown;
}

type Advice = readonly [meaning: string, remedy: string];

const lookAtLogs = 'look at the log group of the function behind this path, and at its errors and throttles';

/** What the codes of docs/PROTOCOL.md under "Authentication" mean to the operator. */
const tokenAdvice: Readonly<Record<string, Advice>> = {
  token_missing: [
    'the token did not reach the function',
    'where CloudFront stands in front, check that it forwards the header that its function copies the token into',
  ],
  token_malformed: ['what reached the function is no JWT', 'give --token the whole token, without "Bearer"'],
  token_expired: ['the token has expired', 'get a new one from the issuer'],
  token_invalid: [
    'the token is not of the issuer, the audience or the key that this stage accepts',
    'compare the claims iss and aud with the identity settings of the stage; Cognito: the ID token, not the access token',
  ],
  token_revoked: ['an admin has revoked the rights of this token', 'get a new one from the issuer'],
  token_unusable: [
    'the token is signed well, but its user or workspace claim cannot be used, or is missing',
    'compare its claims with the workspace claim of the stage and docs/PROTOCOL.md; a user of a pool needs the attribute custom:workspace',
  ],
  token_too_long_lived: [
    'the token is signed well, but lives longer than this stage accepts',
    'get one that lives shorter, or raise tokenLifeSeconds of the stage',
  ],
};

function adviceFor(status: number, code: unknown): Advice {
  if (status === 401) {
    const known = typeof code === 'string' ? tokenAdvice[code] : undefined;
    return (
      known ?? ['something before the function asks for credentials', 'check authorizers and the base URL']
    );
  }
  if (status >= 300 && status < 400) {
    return ['the address sends its visitors elsewhere', 'give --base-url the address it leads to'];
  }
  if (status === 403) {
    return [
      'what stands before the function refused: a firewall rule, or a Function URL that only CloudFront may call',
      'give --base-url the address of the edge where the stage has one; else look at the rules of the firewall',
    ];
  }
  if (status === 404 || status === 405) {
    return [
      'this path is not served here',
      'check --base-url, and --stream-url for a stage whose edge is off: it must be the root, without a path',
    ];
  }
  if (status === 429) return ['the stage is throttled', 'try again; raise the throttle of the stage'];
  if (status >= 500) return ['the function, or its way there, fails', lookAtLogs];
  return ['the deployment does not keep to docs/PROTOCOL.md', lookAtLogs];
}

function excerpt(body: unknown): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return text.length > 200 ? `${text.slice(0, 200)} …` : text;
}

/** Gives a failure for an answer that has not the wanted status, with what that status usually means. */
export function unexpectedAnswer(answer: HttpAnswer, wanted: string): SmokeFailure {
  const { request, status, body } = answer;
  const code: unknown = isObject(body) ? body['code'] : undefined;
  return new SmokeFailure(
    `${request} answered ${status} ${excerpt(body)}; wanted ${wanted}`,
    ...adviceFor(status, code),
  );
}

/** Gives the JSON object of an answer with this status; throws SmokeFailure for any other. */
export function objectOf(answer: HttpAnswer, status: number): Readonly<Record<string, unknown>> {
  if (answer.status !== status) throw unexpectedAnswer(answer, String(status));
  if (isObject(answer.body)) return answer.body;
  throw new SmokeFailure(
    `${answer.request} answered ${status} with ${excerpt(answer.body)}; wanted a JSON object`,
    'something else than the API answers under this path',
    'check --base-url; behind CloudFront, check which origin the path goes to',
  );
}

/** @throws {SmokeFailure} when an answer may be cached: then one user could get the answer of another. */
export function expectUncached({ request, headers }: HttpAnswer): void {
  const value = headers.get('cache-control');
  if (value?.includes('no-store') === true) return;
  throw new SmokeFailure(
    `${request} answered with Cache-Control ${value ?? 'absent'}; wanted no-store`,
    'a cache on the way may keep the answer of one user and give it to another',
    'look for what replaces the header: a response headers policy of CloudFront, or a proxy',
  );
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
