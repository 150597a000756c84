import { GetParameterCommand, GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { SecretParameter } from '../../lambdas/shared/parameters/secret-parameter.ts';
import { startAwsEndpoint } from '../../local/data/aws-endpoint.ts';
import type { AwsEndpoint } from '../../local/data/aws-endpoint.ts';
import type { DatabaseClient } from '../../local/data/database-client.ts';
import { ParameterEndpoint } from '../../local/functions/parameter-endpoint.ts';
import { AccessControl } from '../../local/iam/access-control.ts';

const arnOf = (name: string): string => `arn:aws:ssm:us-east-1:000000000000:parameter${name}`;
const signal = new AbortController().signal;

describe('the endpoint that gives parameters', () => {
  let endpoint: AwsEndpoint;
  let client: SSMClient;
  const access = new AccessControl();

  beforeAll(async () => {
    access.register('LOCALREADER', {
      functionName: 'reader',
      roleName: 'Role',
      accountId: '000000000000',
      statements: [
        {
          Effect: 'Allow',
          Action: 'ssm:GetParameter',
          Resource: ['/own/secret', '/own/absent'].map(arnOf),
        },
      ],
    });
    endpoint = await startAwsEndpoint({
      database: {} as DatabaseClient,
      access,
      onWrite: () => undefined,
      parameters: new ParameterEndpoint(access, { '/own/secret': 's', '/other/secret': 'o' }),
    });
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_SSM: endpoint.url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'LOCALREADER',
      AWS_SECRET_ACCESS_KEY: 'local',
    });
    client = new SSMClient({ maxAttempts: 1 });
  });
  afterAll(async () => {
    client.destroy();
    await endpoint.close();
    for (const name of ['ENDPOINT_URL_SSM', 'REGION', 'ACCESS_KEY_ID', 'SECRET_ACCESS_KEY'])
      delete process.env[`AWS_${name}`];
  });

  it('gives a function what its role lets it read, and says what is not there', async () => {
    expect(await new SecretParameter('/own/secret').read(signal)).toBe('s');
    await expect(new SecretParameter('/own/absent').read(signal)).rejects.toThrow(
      'there is no parameter /own/absent: npm run canary makes it',
    );
  });

  it('refuses what the role does not have, in the words of AWS', async () => {
    await expect(new SecretParameter('/other/secret').read(signal)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(
        `is not authorized to perform: ssm:GetParameter on resource: ${arnOf('/other/secret')}`,
      ),
    });
  });

  it.each([
    ['another operation', new GetParametersCommand({ Names: ['/own/secret'] })],
    ['a secret that is not to be decrypted', new GetParameterCommand({ Name: '/own/secret' })],
    ['a name that is no path', new GetParameterCommand({ Name: 'secret', WithDecryption: true })],
  ])('refuses what it does not know: %s', async (_, command) => {
    const sent: Promise<unknown> = client.send(command as GetParameterCommand);
    await expect(sent).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});
