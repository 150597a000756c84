import { devTemplate, localTemplate, plain, resource, resources } from './synthesized.ts';

const template = localTemplate();

describe('the function that pushes', () => {
  it('is small, and has its orders tried once, while they are young', () => {
    const [config, ...others] = Object.values(resources(template, 'AWS::Lambda::EventInvokeConfig'));

    expect(resource(template, 'PushFunction').Properties).toMatchObject({ MemorySize: 256, Timeout: 30 });
    expect(others).toEqual([]);
    expect(plain(config?.Properties['FunctionName'])).toBe('PushFunction');
    expect(config?.Properties).toMatchObject({
      Qualifier: '$LATEST',
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    });
  });

  it('alone may go on by invoking itself, for a workspace has more pages than Lambda lets others do so', () => {
    const loops = Object.entries(resources(template, 'AWS::Lambda::Function')).map(([id, { Properties }]) => [
      id.replace(/[0-9A-F]{8}$/, ''),
      Properties['RecursiveLoop'],
    ]);

    expect(loops.filter(([, loop]) => loop !== undefined)).toEqual([['PushFunction', 'Allow']]);
  });

  it('is kept what the others are', async () => {
    const kept = await devTemplate({ reservedConcurrency: 7 });

    expect(resource(kept, 'PushFunction').Properties['ReservedConcurrentExecutions']).toBe(7);
  });
});
