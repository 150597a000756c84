import type { APIGatewayProxyEventV2 } from 'aws-lambda';

process.env['PAGE_URL'] = 'https://page.example/';
const { handler } = await import('../../lambdas/signin/handler.ts');

async function locationFor(rawQueryString: string): Promise<string> {
  const { statusCode, headers } = await handler({ rawQueryString } as APIGatewayProxyEventV2);
  expect(statusCode).toBe(302);
  expect(headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  return String(headers?.['location']);
}

it('an answer goes on to the page as it is', async () => {
  await expect(locationFor('code=a%2Fb%26c&state=x%3Dy')).resolves.toBe(
    'https://page.example/?code=a%2Fb%26c&state=x%3Dy',
  );
  await expect(locationFor('error=access_denied&error_description=No+way&state=s')).resolves.toBe(
    'https://page.example/?state=s&error=access_denied&error_description=No+way',
  );
});

it('after a sign-out there is nothing to pass on', async () => {
  await expect(locationFor('')).resolves.toBe('https://page.example/');
});

it.each([
  'redirect_uri=https://evil.example',
  'next=//evil.example&user=x',
  '%0d%0alocation:https://evil.example',
  '@evil.example',
])('%s leads nowhere else', async (query) => {
  await expect(locationFor(query)).resolves.toBe('https://page.example/');
});

it('a line break in a value stays encoded', async () => {
  await expect(locationFor('code=a%0d%0aset-cookie:x')).resolves.toBe(
    'https://page.example/?code=a%0D%0Aset-cookie%3Ax',
  );
});
