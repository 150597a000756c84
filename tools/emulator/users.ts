import { randomBytes } from 'node:crypto';

/** Where the users are. */
export interface UserPool {
  readonly engineUrl: string;
  readonly userPoolId: string;
  readonly clientId: string;
}

/** A user to be made. */
export interface NewUser {
  readonly email: string;
  readonly workspace: string;
  readonly groups: readonly string[];
}

/**
 * Makes a user with a password and signs in, by the calls that docs/DEPLOY.md makes with the AWS CLI.
 * @returns the ID token.
 * @throws {Error} with the engine's answer.
 */
export async function createUserAndSignIn(pool: UserPool, user: NewUser): Promise<string> {
  const { userPoolId: UserPoolId, clientId: ClientId } = pool;
  const Username = user.email;
  const Password = `${randomBytes(12).toString('base64url')}-aA1`;
  await cognito(pool, 'AdminCreateUser', {
    UserPoolId,
    Username,
    UserAttributes: [
      { Name: 'email', Value: user.email },
      { Name: 'email_verified', Value: 'true' },
      { Name: 'custom:workspace', Value: user.workspace },
    ],
    MessageAction: 'SUPPRESS',
  });
  await cognito(pool, 'AdminSetUserPassword', { UserPoolId, Username, Password, Permanent: true });
  for (const GroupName of user.groups) {
    await cognito(pool, 'AdminAddUserToGroup', { UserPoolId, Username, GroupName });
  }
  const { AuthenticationResult } = await cognito<{ AuthenticationResult: { IdToken: string } }>(
    pool,
    'AdminInitiateAuth',
    {
      UserPoolId,
      ClientId,
      AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: Username, PASSWORD: Password },
    },
  );
  return AuthenticationResult.IdToken;
}

async function cognito<Result>({ engineUrl }: UserPool, operation: string, input: object): Promise<Result> {
  const response = await fetch(engineUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
      // The engine reads account and region from it, and checks no signature.
      authorization:
        'AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/cognito-idp/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify(input),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${operation}: ${response.status} ${text}`);
  return JSON.parse(text) as Result;
}
