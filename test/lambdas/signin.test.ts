import type { APIGatewayProxyEventV2 } from 'aws-lambda';

process.env['PAGE_URL'] = 'https://page.example/';
const { handler } = await import('../../lambdas/signin/handler.ts');

async function locationFor(rawQueryString: string): Promise<string> {
  const { statusCode, headers } = await handler({ rawQueryString } as APIGatewayProxyEventV2);
  expect(statusCode).toBe(302);
  expect(headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  return String(headers?.['location']);
}

it('the way back of the sign-in hands an answer on to the page as it is', async () => {
  await expect(locationFor('code=a%2Fb%26c&state=x%3Dy')).resolves.toBe(
    'https://page.example/?code=a%2Fb%26c&state=x%3Dy',
  );
  await expect(locationFor('error=access_denied&error_description=No+way&state=s')).resolves.toBe(
    'https://page.example/?state=s&error=access_denied&error_description=No+way',
  );
});

it('the way back of the sign-in has nothing to hand on after a sign-out', async () => {
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

it('the way back of the sign-in leaves a line break in a value encoded', async () => {
  await expect(locationFor('code=a%0d%0aset-cookie:x')).resolves.toBe(
    'https://page.example/?code=a%0D%0Aset-cookie%3Ax',
  );
});
