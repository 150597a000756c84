import { CfnOutput, Duration } from 'aws-cdk-lib';
import {
  ClientAttributes,
  Mfa,
  StringAttribute,
  UserPool,
  UserPoolClient,
  UserPoolGroup,
} from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { removalPolicy } from './data-protection.ts';
import type { StageConfig } from './stage-config.ts';

/**
 * A Cognito user pool with one browser client and a group of admins. Clients present the ID token: only that
 * one carries the workspace and an audience.
 */
export class ManagedIdentity extends Construct {
  readonly issuer: string;
  readonly audience: string;

  constructor(scope: Construct, id: string, config: StageConfig) {
    super(scope, id);
    const workspaceAttribute = config.workspaceClaim.slice('custom:'.length);
    const pool = new UserPool(this, 'Users', {
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
    new UserPoolGroup(this, 'Admins', {
      userPool: pool,
      groupName: config.adminValue,
      description: 'Members see every task of their workspace and its connections.',
    });
    const attributes = new ClientAttributes().withStandardAttributes({ email: true, fullname: true });
    const client = new UserPoolClient(this, 'Browser', {
      userPool: pool,
      // A browser keeps no secret.
      generateSecret: false,
      // Browsers sign in by SRP. The other flow is for scripts, and needs AWS credentials besides the password.
      authFlows: { userSrp: true, adminUserPassword: true },
      disableOAuth: true,
      preventUserExistenceErrors: true,
      idTokenValidity: Duration.hours(1),
      accessTokenValidity: Duration.hours(1),
      readAttributes: attributes.withCustomAttributes(workspaceAttribute),
      // Without this list a user could write the workspace too, and so move into another one.
      writeAttributes: attributes,
    });
    this.issuer = pool.userPoolProviderUrl;
    this.audience = client.userPoolClientId;
    new CfnOutput(this, 'UserPoolId', { value: pool.userPoolId }).overrideLogicalId('UserPoolId');
    new CfnOutput(this, 'UserPoolClientId', { value: client.userPoolClientId }).overrideLogicalId(
      'UserPoolClientId',
    );
  }
}
