import { readCredential } from '../../lambdas/canary/credential.ts';
import { PasswordSignIn } from '../../lambdas/shared/user-pool/password-sign-in.ts';
import type { Ended } from '../commands/command.ts';
import { ending, startCommand } from '../commands/command.ts';
import { FakeAws } from './fake-aws.ts';
import { FakeUserPool } from './fake-user-pool.ts';
import { runOperatorCommand } from './operator-command.ts';

const file = 'operate/canary.ts';
const parameter = '/taskwire/dev/canary';
const username = 'canary@taskwire.invalid';
const outputs = { UserPoolId: 'us-east-1_pool', UserPoolClientId: 'the-client' };

let stack: FakeAws;
let pool: FakeUserPool;
beforeEach(async () => {
  [stack, pool] = await Promise.all([FakeAws.start(outputs, 'none'), FakeUserPool.start()]);
});
afterEach(async () => {
  await Promise.all([stack.close(), pool.close()]);
});

function environment(): NodeJS.ProcessEnv {
  return {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'operator',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL_CLOUDFORMATION: stack.url,
    ...pool.environment,
  };
}

function run(...flags: string[]): Promise<Ended> {
  return runOperatorCommand(file, ['--stage', 'dev', ...flags], environment());
}

/** Runs it with a credential on standard input. */
async function give(credential: string, ...flags: string[]): Promise<Ended> {
  const variables = { PATH: process.env['PATH'], ...environment() };
  const child = startCommand(file, ['--stage', 'dev', '--from-stdin', ...flags], variables);
  child.stdin.end(credential);
  return ending(child);
}

/** The credential that was stored. */
function stored(): ReturnType<typeof readCredential> {
  return readCredential(String(pool.parameters.get(parameter)!['Value']));
}

describe('npm run canary', () => {
  it('says what it would do, and changes nothing', async () => {
    const { code, stdout, stderr } = await run();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^the user canary@taskwire\.invalid would be made in the workspace taskwire-canary\nits credential would be \/taskwire\/dev\/canary\nnothing was changed/,
    );
    expect([pool.users.size, pool.parameters.size]).toEqual([0, 0]);
  });

  it('makes a user in a workspace of its own, and stores encrypted what the canary signs in with', async () => {
    const { code, stdout, stderr } = await run('--apply');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/is off: set canaryMinutes, and deploy the stage\n$/);
    const { attributes, password, messageAction } = pool.users.get(username)!;
    expect(Object.fromEntries(attributes.map(({ Name, Value }) => [Name, Value]))).toEqual({
      email: username,
      email_verified: 'true',
      'custom:workspace': 'taskwire-canary',
    });
    expect(messageAction).toBe('SUPPRESS');
    expect(pool.parameters.get(parameter)).toMatchObject({ Type: 'SecureString', Overwrite: true });
    expect(stored()).toEqual({
      kind: 'cognito',
      userPoolId: outputs.UserPoolId,
      clientId: outputs.UserPoolClientId,
      username,
      password,
    });
    // What lib/identity/managed-identity.ts asks of passwords.
    for (const kind of [/.{12}/, /[a-z]/, /[A-Z]/, /\d/, /-/]) expect(password).toMatch(kind);
    expect(stdout).not.toContain(password);
  });

  it('gives the user that is there another password, also where it was interrupted before', async () => {
    await run('--apply');
    const before = pool.users.get(username)!.password;
    pool.parameters.clear();
    const { code, stdout } = await run('--apply');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^the user \S+ is there, and gets a new password\n/);
    expect(pool.users.get(username)!.password).not.toBe(before);
    expect(stored()).toMatchObject({ password: pool.users.get(username)!.password });
  });

  it('takes over nobody of another workspace', async () => {
    pool.users.set(username, { attributes: [{ Name: 'custom:workspace', Value: 'acme' }], password: 'p' });
    const { code, stderr } = await run('--apply');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^canary: the user \S+ is in the workspace acme and not in taskwire-canary/);
    expect([pool.users.get(username)!.password, pool.parameters.size]).toEqual(['p', 0]);
  });

  const given = {
    kind: 'oauth',
    tokenEndpoint: 'https://login.example.com/oauth/token',
    clientId: 'canary',
    clientSecret: 'the secret of the client',
    grantType: 'client_credentials',
    parameters: { audience: 'taskwire' },
  };

  it('stores what it is given for another issuer, and shows nothing secret of it', async () => {
    const trial = await give(JSON.stringify(given));
    expect([trial.code, pool.parameters.size]).toEqual([0, 0]);
    const { code, stdout, stderr } = await give(JSON.stringify(given), '--apply');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^client canary of https:\/\/login\.example\.com\/oauth\/token\n/);
    expect(stdout).not.toContain(given.clientSecret);
    expect(stored()).toEqual(given);
    expect(pool.users.size).toBe(0);
  });

  it.each([
    ['no JSON', 'the secret of the client', 'canary: the credential is no JSON\n'],
    [
      'a secret by another name',
      JSON.stringify({ ...given, clientSecret: undefined, secret: 'the secret of the client' }),
      'canary: the credential cannot be used: it: Unrecognized key: "secret"\n',
    ],
  ])('refuses %s without a word of what was in it', async (_, text, message) => {
    const { code, stdout, stderr } = await give(text, '--apply');
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: message });
    expect(pool.parameters.size).toBe(0);
  });

  it.each([
    ['no stage', [], /--stage takes dev, staging, production;/],
    ['a stage that is not deployed', ['--stage', 'local'], /--stage takes dev, staging, production;/],
  ])('refuses %s', async (_, flags, message) => {
    const { code, stderr } = await runOperatorCommand(file, flags);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe('the canary of a stage with a user pool', () => {
  const user = { userPoolId: 'pool', clientId: 'client', username, password: 'right' };
  const signal = new AbortController().signal;
  let signIn: PasswordSignIn;
  beforeEach(() => {
    Object.assign(process.env, environment());
    pool.users.set(username, { attributes: [], password: 'right' });
    signIn = new PasswordSignIn();
  });
  afterEach(() => {
    for (const name of Object.keys(environment())) delete process.env[name];
  });

  it('signs in with the password of its user, and gets the ID token', async () => {
    expect(await signIn.idToken(user, signal)).toBe(`${username} of client in pool`);
  });

  it('is refused with another password, and told nothing of it', async () => {
    const refused = signIn.idToken({ ...user, password: 'something else' }, signal);
    await expect(refused).rejects.toMatchObject({ name: 'NotAuthorizedException' });
    await expect(refused).rejects.not.toThrow('something else');
  });

  it('gives up where the pool asks for more than the password', async () => {
    pool.challenge = 'SOFTWARE_TOKEN_MFA';
    await expect(signIn.idToken(user, signal)).rejects.toThrow(
      "asks the canary's user for more than its password: SOFTWARE_TOKEN_MFA",
    );
  });
});
