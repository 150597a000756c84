import {
  AdminInitiateAuthCommand,
  CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider';

/** A user of a Cognito user pool, and the client of the pool that its tokens are for. */
export interface PoolUser {
  readonly userPoolId: string;
  readonly clientId: string;
  readonly username: string;
  readonly password: string;
}

/** Signs users of Cognito user pools in, with the rights of the function besides their passwords. */
export class PasswordSignIn {
  readonly #client = new CognitoIdentityProviderClient({ maxAttempts: 3 });

  /**
   * Gives the user's ID token.
   * @param signal breaks the call off.
   * @throws what the client throws, with nothing of the password in it; an error where the pool asks for more than that.
   */
  async idToken(user: PoolUser, signal: AbortSignal): Promise<string> {
    const command = new AdminInitiateAuthCommand({
      UserPoolId: user.userPoolId,
      ClientId: user.clientId,
      AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: user.username, PASSWORD: user.password },
    });
    const { AuthenticationResult: result, ChallengeName: challenge } = await this.#client.send(command, {
      abortSignal: signal,
    });
    if (result?.IdToken !== undefined) return result.IdToken;
    throw new Error(`the user pool asks the canary's user for more than its password: ${challenge}`);
  }
}
