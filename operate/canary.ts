/** `npm run canary`: gives the canary of a stage what it signs in with. */
import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { runCommand, UsageError } from '../commands/command-line.ts';
import type { Credential } from '../lambdas/canary/credential.ts';
import { CredentialError, readCredential } from '../lambdas/canary/credential.ts';
import { canaryParameter } from '../lib/config/canary-parameter.ts';
import type { StageConfig } from '../lib/config/stage-schema.ts';
import { stageNames } from '../lib/config/stage-names.ts';
import { storeCredential } from './canary/credential-parameter.ts';
import { canaryUsername, canaryWorkspace, PoolUser } from './canary/pool-user.ts';
import { applyHelp, applyOptions, dryRunNote } from './stack/apply.ts';
import { explain } from './stack/explain.ts';
import { readOutputs } from './stack/stack-outputs.ts';
import { readStage } from './stack/stage-settings.ts';

const help = `npm run -s canary -- --stage NAME [--apply]
npm run -s canary -- --stage NAME --from-stdin [--apply] < credential.json

Gives the canary of a stage what it signs in with, and stores it encrypted, as the parameter /taskwire/NAME/canary.
Where the stage has a user pool of its own: makes the user ${canaryUsername} in the workspace ${canaryWorkspace},
or takes the one that is there, and gives it a new password that nobody ever sees. With --from-stdin, as where another
issuer is trusted: stores what it is given (docs/DEPLOY.md, "The canary"). The canary itself is the setting canaryMinutes.

  --stage NAME            a deployed stage
  --from-stdin            the credential is what stands on standard input, as JSON
${applyHelp}

It takes the account, the region and the rights of the environment (AWS_PROFILE, AWS_REGION).

Exit status: 0 it is stored, or would be; 1 it is not; 2 wrong usage.`;

/** Makes the canary's user, or takes it over; undefined in a dry run. */
async function enrol({ name, workspaceClaim }: StageConfig, apply: boolean): Promise<Credential | undefined> {
  const outputs = await readOutputs(name, ['UserPoolId', 'UserPoolClientId']);
  const user = new PoolUser(outputs.UserPoolId, workspaceClaim);
  const exists = await user.exists();
  console.log(
    exists
      ? `the user ${canaryUsername} is there, and ${apply ? 'gets' : 'would get'} a new password`
      : `the user ${canaryUsername} ${apply ? 'is' : 'would be'} made in the workspace ${canaryWorkspace}`,
  );
  if (!apply) return undefined;
  if (!exists) await user.create();
  // Cognito wants one of each kind.
  const password = `${randomBytes(24).toString('base64url')}-aA1`;
  await user.setPassword(password);
  const { UserPoolId: userPoolId, UserPoolClientId: clientId } = outputs;
  return { kind: 'cognito', userPoolId, clientId, username: canaryUsername, password };
}

/** What stands on standard input; undefined in a dry run. */
async function readGiven(apply: boolean): Promise<Credential | undefined> {
  const credential = readCredential(await text(process.stdin));
  const where = credential.kind === 'oauth' ? credential.tokenEndpoint : credential.userPoolId;
  console.log(`client ${credential.clientId} of ${where}`);
  return apply ? credential : undefined;
}

/** @throws {UsageError} for a stage that is not deployed. */
async function stageOf(name: string | undefined): Promise<StageConfig> {
  const deployed = stageNames.filter((each) => each !== 'local');
  if (name === undefined || !deployed.some((each) => each === name))
    throw new UsageError(`--stage takes ${deployed.join(', ')}`);
  return readStage(name);
}

/** What is wrong and what to do, in one line. */
function explained(error: unknown): string {
  if (error instanceof CredentialError) return error.message;
  if (error instanceof Error && error.name === 'ResourceNotFoundException')
    return 'the user pool of the stack is not there: check AWS_PROFILE and AWS_REGION';
  return explain(error);
}

await runCommand({
  name: 'canary',
  call: 'npm run -s canary',
  help,
  options: {
    ...applyOptions,
    stage: { type: 'string' },
    'from-stdin': { type: 'boolean', default: false },
  },
  explain: explained,
  run: async ({ stage, apply, 'from-stdin': isGiven }) => {
    const config = await stageOf(stage);
    if (config.identity.kind !== 'cognito' && !isGiven)
      throw new UsageError('the stage has no user pool: give a credential, with --from-stdin');
    const credential = await (isGiven ? readGiven(apply) : enrol(config, apply));
    const parameter = canaryParameter(config.name);
    if (credential === undefined) return console.log(`its credential would be ${parameter}\n${dryRunNote}`);
    await storeCredential(parameter, credential);
    console.log(`its credential is ${parameter}`);
    if (config.canaryMinutes === undefined)
      console.log('the canary is off: set canaryMinutes, and deploy the stage');
  },
});
