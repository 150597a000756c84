import {
  AdminCreateUserCommand,
  AdminGetUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider';
import { CommandError } from '../../commands/command-error.ts';

/** The name of the canary's user in the stage's pool. Mail to it goes nowhere (RFC 2606). */
export const canaryUsername = 'canary@taskwire.invalid';

/** The workspace of the canary, in which nobody else is. */
export const canaryWorkspace = 'taskwire-canary';

/** The canary's user in a user pool. */
export class PoolUser {
  readonly #client = new CognitoIdentityProviderClient();
  readonly #userPoolId: string;
  readonly #workspaceClaim: string;

  /** @param workspaceClaim the attribute that holds a user's workspace, such as `custom:workspace`. */
  constructor(userPoolId: string, workspaceClaim: string) {
    this.#userPoolId = userPoolId;
    this.#workspaceClaim = workspaceClaim;
  }

  /**
   * Whether it is there.
   * @throws {CommandError} when it is, and in a workspace that is not the canary's.
   */
  async exists(): Promise<boolean> {
    const command = new AdminGetUserCommand({ UserPoolId: this.#userPoolId, Username: canaryUsername });
    const found = await this.#client.send(command).catch((error: unknown) => {
      if (error instanceof Error && error.name === 'UserNotFoundException') return undefined;
      throw error;
    });
    if (found === undefined) return false;
    const workspace = found.UserAttributes?.find(({ Name: name }) => name === this.#workspaceClaim)?.Value;
    if (workspace === canaryWorkspace) return true;
    throw new CommandError(
      `the user ${canaryUsername} is in the workspace ${workspace ?? 'of nobody'} and not in ${canaryWorkspace}: delete it, and run this again`,
    );
  }

  /** Makes it, and sends no mail. */
  async create(): Promise<void> {
    const attributes = {
      email: canaryUsername,
      email_verified: 'true',
      [this.#workspaceClaim]: canaryWorkspace,
    };
    const command = new AdminCreateUserCommand({
      UserPoolId: this.#userPoolId,
      Username: canaryUsername,
      MessageAction: 'SUPPRESS',
      UserAttributes: Object.entries(attributes).map(([Name, Value]) => ({ Name, Value })),
    });
    await this.#client.send(command);
  }

  /** Gives it another password, with which it signs in from then on. */
  async setPassword(password: string): Promise<void> {
    const command = new AdminSetUserPasswordCommand({
      UserPoolId: this.#userPoolId,
      Username: canaryUsername,
      Password: password,
      Permanent: true,
    });
    await this.#client.send(command);
  }
}
