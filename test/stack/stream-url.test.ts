import { devTemplate, localTemplate, plain, resource, resources } from './synthesized.ts';

const template = localTemplate();
const urls = Object.values(resources(template, 'AWS::Lambda::Url')).map(({ Properties }) => Properties);

describe('the Function URL', () => {
  it('streams, and leaves authentication to the function', () => {
    expect(urls).toEqual([expect.objectContaining({ InvokeMode: 'RESPONSE_STREAM', AuthType: 'NONE' })]);
    expect(plain(urls[0]?.['TargetFunctionArn'])).toBe('StreamUrlStreamFunction.Arn');
  });

  it('may be called by the listed origins only, to read', () => {
    const [cors] = urls.map(({ Cors }) => Cors as { AllowOrigins: unknown[] });

    expect(cors?.AllowOrigins.map((origin) => plain(origin))).toEqual([
      'http://localhost:LocalPort',
      'http://127.0.0.1:LocalPort',
      'http://localhost:5173',
    ]);
    expect(cors).toEqual({
      AllowOrigins: expect.any(Array),
      AllowCredentials: true,
      AllowMethods: ['GET'],
      AllowHeaders: ['authorization', 'cache-control', 'last-event-id', 'x-taskwire-errors'],
      ExposeHeaders: ['retry-after'],
      MaxAge: 3_600,
    });
  });

  // Since October 2025 a new URL needs both; the second is bound to calls that come through the URL.
  it('has the two permissions that a public URL needs and no other', () => {
    const permissions = Object.values(resources(template, 'AWS::Lambda::Permission'))
      .map(({ Properties }) => Properties)
      .filter((properties) => properties['Principal'] === '*');

    expect(permissions).toEqual([
      expect.objectContaining({ Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE' }),
      expect.objectContaining({ Action: 'lambda:InvokeFunction', InvokedViaFunctionUrl: true }),
    ]);
  });
});

it('the function outlives the longest session by half a minute, within the limit of Lambda', async () => {
  const longest = await devTemplate({ sessionSeconds: 870 });

  expect(resource(longest, 'StreamUrlStreamFunction').Properties).toMatchObject({
    Timeout: 900,
    Environment: { Variables: { SESSION_SECONDS: '870' } },
  });
});
