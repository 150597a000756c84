import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { devNull, tmpdir } from 'node:os';
import path from 'node:path';
import { adapt } from './emulator/adaptation.ts';
import { installEngine, startEngine } from './emulator/engine.ts';
import { waitForSegments } from './emulator/event-log.ts';
import { openFront } from './emulator/front.ts';
import { startStandInIssuer } from './emulator/issuer.ts';
import type { StandInIssuer } from './emulator/issuer.ts';
import { createUserAndSignIn } from './emulator/users.ts';
import { runCommand } from '../commands/command-line.ts';
import { CommandError } from '../commands/command-error.ts';
import { synthesize } from '../local/template/synthesize.ts';

// Deploys the stage `dev` with the CDK CLI, as docs/DEPLOY.md does, into an AWS emulator that is not ours, tests it from
// outside, and destroys it. It shows what the local stack cannot: that the CLI takes the assembly, and that somebody
// else's CloudFormation, DynamoDB streams, Cognito, API Gateway and Lambda take the template, all of its resources.
//
// What it does not show:
//   streams      the engine's Node runtime has no awslambda.streamifyResponse, so the stream function answers 502
//   WebSockets   their API is made and taken down again, and nobody connects to it
//   CORS         the engine keeps the template's CorsConfiguration under other names than those it reads
//   permissions  the engine does not enforce them; the local stack does
//   the edge     the engine does not know AWS::Logs::Delivery, AWS::Logs::DeliverySource and AWS::Logs::DeliveryDestination,
//                and the upload of the dashboard needs the AWS CLI of a layer at /opt, which only its Docker mode mounts.
//                Without these four resources it takes a stage with the edge on, distribution and policies included
//   monitoring   the engine does not know AWS::Logs::QueryDefinition, nor alarms that are computed: they are left out
//   who signs    the functions trust a stand-in for the user pool: see emulator/adaptation.ts
// Needs Python 3.10 and PyPI for the engine, which goes to .taskwire/ministack and nowhere else.

const help = `npm run emulator

Deploys the stage dev with the CDK CLI into an AWS emulator on this machine, tests it from outside, and destroys it: some
minutes. Needs Python 3.10, and PyPI for the emulator, which goes to .taskwire/ministack. Reaches no AWS account.`;

const projectRoot = path.join(import.meta.dirname, '..');
const logDirectory = path.join(projectRoot, '.taskwire', 'emulator');
const cdkFile = path.join(projectRoot, 'node_modules', 'aws-cdk', 'bin', 'cdk');
const account = '000000000000';
const region = 'us-east-1';
const stackName = 'Taskwire-dev';
const workspace = 'smoke';

interface Outputs {
  readonly ApiUrl: string;
  readonly StreamUrl: string;
  readonly UserPoolId: string;
  readonly UserPoolClientId: string;
}

/** The environment without anything that could lead to a real account. */
function environmentFor(engineUrl: string): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'));
  return {
    ...Object.fromEntries(others),
    AWS_ENDPOINT_URL: engineUrl,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: account,
    AWS_SECRET_ACCESS_KEY: 'none',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/** Runs a program of the project; rejects unless it ends with 0. */
async function run(
  environment: NodeJS.ProcessEnv,
  command: string,
  ...commandArguments: string[]
): Promise<void> {
  console.log(`$ ${command} ${commandArguments.join(' ')}`);
  const child = spawn(command, commandArguments, {
    cwd: projectRoot,
    env: environment,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject);
  child.once('close', resolve);
  const code = await promise;
  if (code !== 0) throw new CommandError(`${command} ${commandArguments[0]} ended with ${code}`);
}

/** Deploys, tests and destroys the stage in a running engine. */
async function deployAndTest(engineUrl: string, standIn: StandInIssuer, directory: string): Promise<void> {
  const assembly = path.join(directory, 'assembly');
  const { exitCode, output } = await synthesize(assembly, { stage: 'dev', checks: false });
  if (exitCode !== 0) throw new CommandError(output);
  adapt(assembly, standIn);
  const environment = environmentFor(engineUrl);
  const cdk = (command: string, ...rest: string[]): Promise<void> =>
    run(environment, process.execPath, cdkFile, command, '--app', assembly, ...rest);
  const outputsFile = path.join(directory, 'outputs.json');
  await cdk('bootstrap', `aws://${account}/${region}`);
  await cdk('deploy', stackName, '--require-approval', 'never', '--outputs-file', outputsFile);
  const { [stackName]: outputs } = JSON.parse(await readFile(outputsFile, 'utf8')) as Record<string, Outputs>;
  if (outputs === undefined) throw new Error(`${outputsFile} has no outputs of ${stackName}`);

  const pool = { engineUrl, userPoolId: outputs.UserPoolId, clientId: outputs.UserPoolClientId };
  const signIn = async (email: string, groups: readonly string[]): Promise<string> =>
    standIn.reissue(await createUserAndSignIn(pool, { email, workspace, groups }));
  const user = await signIn('user@example.com', []);
  const admin = await signIn('admin@example.com', ['admin']);
  const front = await openFront(engineUrl, {
    api: `${new URL(outputs.ApiUrl).hostname.split('.')[0]}.execute-api.localhost`,
    stream: new URL(outputs.StreamUrl).hostname,
  });
  try {
    await run(
      { ...process.env, TASKWIRE_TOKEN: user, TASKWIRE_ADMIN_TOKEN: admin },
      process.execPath,
      'tools/smoke.ts',
      '--base-url',
      front.url,
      '--skip-stream',
    );
    // The smoke test creates, changes and deletes tasks, each a batch of its own at the latest.
    await waitForSegments(engineUrl, account, region, workspace, 1);
  } finally {
    await front.close();
  }
  await cdk('destroy', stackName, '--force');
}

async function main(): Promise<void> {
  const directory = await mkdtemp(path.join(tmpdir(), 'taskwire-emulator-'));
  await mkdir(logDirectory, { recursive: true });
  const log = createWriteStream(path.join(logDirectory, 'engine.log'));
  try {
    const command = installEngine(path.join(projectRoot, '.taskwire', 'ministack'));
    const engine = await startEngine(command, directory, (line) => log.write(`${line}\n`));
    const standIn = await startStandInIssuer();
    try {
      await deployAndTest(engine.url, standIn, directory);
    } finally {
      await standIn.close();
      await engine.close();
    }
  } finally {
    log.end();
    await rm(directory, { recursive: true, force: true });
  }
}

await runCommand({ name: 'emulator', call: 'npm run emulator', help, options: {}, run: main });
