import { CfnOutput, Duration, Lazy, Stack } from 'aws-cdk-lib';
import {
  CfnManagedLoginBranding,
  ClientAttributes,
  FeaturePlan,
  ManagedLoginVersion,
  Mfa,
  OAuthScope,
  StringAttribute,
  UserPool,
  UserPoolClient,
  UserPoolGroup,
} from 'aws-cdk-lib/aws-cognito';
import type { UserPoolClientOptions } from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { acknowledge } from '../operations/acknowledge.ts';
import { removalPolicy } from '../data/data-protection.ts';
import type { PageClient } from '../../protocol/page-settings.ts';
import type { StageConfig } from '../config/stage-schema.ts';

/**
 * A Cognito user pool with one browser client and a group of admins. Clients present the ID token: only that
 * one carries the workspace and an audience.
 */
export class ManagedIdentity extends Construct {
  readonly issuer: string;
  readonly audience: string;
  readonly userPoolArn: string;
  readonly #config: StageConfig;
  readonly #pool: UserPool;
  #pageUrl: string | undefined;

  constructor(scope: Construct, id: string, config: StageConfig) {
    super(scope, id);
    this.#config = config;
    const workspaceAttribute = config.workspaceClaim.slice('custom:'.length);
    const pool = this.#makePool(config, workspaceAttribute);
    new UserPoolGroup(this, 'Admins', {
      userPool: pool,
      groupName: config.adminValue,
      description: 'Members see every task of their workspace and its connections.',
    });
    const client = this.#addClient(pool, config, workspaceAttribute);
    this.#pool = pool;
    this.userPoolArn = pool.userPoolArn;
    this.issuer = pool.userPoolProviderUrl;
    this.audience = client.userPoolClientId;
    new CfnOutput(this, 'UserPoolId', { value: pool.userPoolId }).overrideLogicalId('UserPoolId');
    new CfnOutput(this, 'UserPoolClientId', { value: client.userPoolClientId }).overrideLogicalId(
      'UserPoolClientId',
    );
  }

  /**
   * Lets the page sign in: gives it the pool's login pages and says what it needs to know of them.
   * @param pageUrl to which the pool sends users back, after a sign-in and after a sign-out; it must exist before
   *   the pool's client.
   */
  admitPage(pageUrl: string): PageClient {
    this.#pageUrl = pageUrl;
    const stack = Stack.of(this);
    // Nobody else of the region is likely to have it: the account is in it, and the stage, of which an account has one.
    const { identity, name } = this.#config;
    const wanted = identity.kind === 'cognito' ? identity.loginPrefix : undefined;
    const prefix = wanted ?? `taskwire-${name}-${stack.account}`;
    this.#pool.addDomain('LoginPages', {
      cognitoDomain: { domainPrefix: prefix },
      managedLoginVersion: ManagedLoginVersion.NEWER_MANAGED_LOGIN,
    });
    // Without a style of its own a client has no login pages of the newer kind.
    new CfnManagedLoginBranding(this, 'LoginStyle', {
      userPoolId: this.#pool.userPoolId,
      clientId: this.audience,
      useCognitoProvidedValues: true,
    });
    const loginPages = `https://${prefix}.auth.${stack.region}.amazoncognito.com`;
    return {
      issuer: this.issuer,
      clientId: this.audience,
      scope: 'openid profile email',
      authorizationEndpoint: `${loginPages}/oauth2/authorize`,
      tokenEndpoint: `${loginPages}/oauth2/token`,
      revocationEndpoint: `${loginPages}/oauth2/revoke`,
      // Source of the parameter: "Logout endpoint", Amazon Cognito developer guide. It is not that of OpenID Connect.
      endSession: { endpoint: `${loginPages}/logout`, returnParameter: 'logout_uri' },
      redirectUri: pageUrl,
    };
  }

  #makePool(config: StageConfig, workspaceAttribute: string): UserPool {
    const pool = new UserPool(this, 'Users', {
      // The first plan with refresh token rotation, and what AWS gives new pools.
      featurePlan: FeaturePlan.ESSENTIALS,
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      customAttributes: { [workspaceAttribute]: new StringAttribute({ mutable: true, maxLen: 64 }) },
      passwordPolicy: {
        minLength: 12,
        requireDigits: true,
        requireLowercase: true,
        requireUppercase: true,
        requireSymbols: true,
      },
      mfa: Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      removalPolicy: removalPolicy(config),
      deletionProtection: config.deletionProtection,
    });
    acknowledge(
      pool,
      'AwsSolutions-COG2',
      'A second factor is the choice of the user; a stage for development must be easy to enter.',
    );
    acknowledge(
      pool,
      'AwsSolutions-COG8',
      'Threat protection is billed by user; a pool of invited users without self sign-up does not need it.',
    );
    return pool;
  }

  #addClient(pool: UserPool, config: StageConfig, workspaceAttribute: string): UserPoolClient {
    const attributes = new ClientAttributes().withStandardAttributes({ email: true, fullname: true });
    return new UserPoolClient(this, 'Browser', {
      userPool: pool,
      // A browser keeps no secret.
      generateSecret: false,
      // Browsers sign in by SRP. The other flow is for scripts, and needs AWS credentials besides the password.
      authFlows: { userSrp: true, adminUserPassword: true },
      ...(config.edge === 'on' ? this.#pageFlow() : { disableOAuth: true }),
      preventUserExistenceErrors: true,
      idTokenValidity: Duration.hours(1),
      accessTokenValidity: Duration.hours(1),
      readAttributes: attributes.withCustomAttributes(workspaceAttribute),
      // Without this list a user could write the workspace too, and so move into another one.
      writeAttributes: attributes,
    });
  }

  /** The authorization code flow for the page, which has no secret and so proves itself by PKCE. */
  #pageFlow(): UserPoolClientOptions {
    const urls = Lazy.list({ produce: () => (this.#pageUrl === undefined ? [] : [this.#pageUrl]) });
    return {
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID, OAuthScope.PROFILE, OAuthScope.EMAIL],
        callbackUrls: urls,
        logoutUrls: urls,
      },
      // Each renewal replaces the refresh token. A page whose answer was lost on the way may ask once more.
      refreshTokenRotationGracePeriod: Duration.seconds(60),
      enableTokenRevocation: true,
    };
  }
}
