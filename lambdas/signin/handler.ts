import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { readEnvironment } from '../shared/runtime/environment.ts';
import { signInEnvironment } from './environment.ts';

const { PAGE_URL: pageUrl } = readEnvironment(signInEnvironment);

/** What an authorization response may hold. Source: RFC 6749, 4.1.2, and RFC 9207. */
const passed = ['code', 'state', 'iss', 'error', 'error_description'];

/** Sends a user who comes back from the login pages on to the page, with the answer, and nowhere else. */
export function handler(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
  const answer = new URLSearchParams();
  const given = new URLSearchParams(event.rawQueryString);
  for (const name of passed) {
    const value = given.get(name);
    if (value !== null) answer.set(name, value);
  }
  const location = answer.size === 0 ? pageUrl : `${pageUrl}?${answer.toString()}`;
  return Promise.resolve({
    statusCode: 302,
    headers: { location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
  });
}
