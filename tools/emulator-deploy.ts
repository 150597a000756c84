import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { devNull, tmpdir } from 'node:os';
import path from 'node:path';
import { adapt } from './emulator/adaptation.ts';
import { installEngine, startEngine } from './emulator/engine.ts';
import { waitForSegments } from './emulator/event-log.ts';
import { openFront } from './emulator/front.ts';
import { startStandInIssuer } from './emulator/issuer.ts';
import type { StandInIssuer } from './emulator/issuer.ts';
import { createUserAndSignIn } from './emulator/users.ts';
import { chapters } from './guide/classified.ts';
import { runnable, treatmentsOf } from './guide/compare.ts';
import type { Help } from './guide/helper.ts';
import { startHelper } from './guide/helper.ts';
import { scriptOf } from './guide/script.ts';
import type { LoopbackServer } from '../commands/loopback-server.ts';
import { runCommand } from '../commands/command-line.ts';
import { CommandError } from '../commands/command-error.ts';
import { synthesize } from '../local/template/synthesize.ts';

// Runs docs/DEPLOY.md, OPERATE.md and RUNBOOK.md: types their commands, as far as they can be, in one shell, against an AWS
// emulator that is not ours. So it deploys the stage `dev` with the CDK CLI, makes a user, tests it from outside, looks at its
// logs, and destroys it. What becomes of each command says tools/guide/classified.ts. It shows what the local stack cannot: that
// the guide is right, that the CLI takes the assembly, and that somebody else's CloudFormation, DynamoDB streams, Cognito, API
// Gateway and Lambda take the template, all of its resources.
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
// Needs Python 3.10 and PyPI for the engine and the AWS CLI, which go to .taskwire and nowhere else.

const help = `npm run emulator

Types the commands of docs/DEPLOY.md, OPERATE.md and RUNBOOK.md against an AWS emulator on this machine: deploys the stage dev
with the CDK CLI, makes a user, tests it from outside, does what operators do, and destroys it: some minutes. Those that cannot
be run there stand in tools/guide/classified.ts, with the reason. Needs bash, curl, openssl and Python 3.10, and PyPI for the emulator and the AWS CLI, which go to .taskwire.
Reaches no AWS account.`;

const projectRoot = path.join(import.meta.dirname, '..');
const logDirectory = path.join(projectRoot, '.taskwire', 'emulator');
const cdkFile = path.join(projectRoot, 'node_modules', 'aws-cdk', 'bin', 'cdk');
const account = '000000000000';
const region = 'us-east-1';
/** The environment without anything that could lead to a real account. */
function environmentFor(engineUrl: string, cliDirectory: string): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'));
  return {
    ...Object.fromEntries(others),
    AWS_ENDPOINT_URL: engineUrl,
    AWS_ACCESS_KEY_ID: account,
    AWS_SECRET_ACCESS_KEY: 'none',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
    PATH: [cliDirectory, process.env['PATH']].join(path.delimiter),
  };
}

/** Runs a script to its end; rejects unless it ends with 0. */
async function runScript(file: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn('bash', [file], {
    cwd: projectRoot,
    env: environment,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject);
  child.once('close', resolve);
  const code = await promise;
  if (code !== 0) throw new CommandError(`the last command above ended with ${code}`);
}

/** What the script of the guide asks for, where an emulator is not as AWS is. */
function helpFor(engineUrl: string, standIn: StandInIssuer, fronts: LoopbackServer[]): Help {
  return {
    front: async (api = '', stream = '') => {
      const front = await openFront(engineUrl, {
        api: `${new URL(api).hostname.split('.')[0]}.execute-api.localhost`,
        stream: new URL(stream).hostname,
      });
      fronts.push(front);
      return front.url;
    },
    reissue: (token = '') => standIn.reissue(token),
    user: async (userPoolId = '', clientId = '', workspace = '') => {
      const pool = { engineUrl, userPoolId, clientId };
      const user = { email: 'user@example.com', workspace, groups: [] };
      return standIn.reissue(await createUserAndSignIn(pool, user));
    },
    segments: async (workspace = '') => {
      await waitForSegments(engineUrl, account, region, workspace, 1);
      return '';
    },
  };
}

/** Runs the guide in a running engine. */
async function runGuide(
  engineUrl: string,
  standIn: StandInIssuer,
  directory: string,
  cliDirectory: string,
): Promise<void> {
  const assembly = path.join(directory, 'assembly');
  const { exitCode, output } = await synthesize(assembly, { stage: 'dev', checks: false });
  if (exitCode !== 0) throw new CommandError(output);
  adapt(assembly, standIn);
  const fronts: LoopbackServer[] = [];
  const helper = await startHelper(helpFor(engineUrl, standIn, fronts), (reason) =>
    console.error(`emulator: ${reason}`),
  );
  try {
    const script = path.join(directory, 'guide.sh');
    await writeFile(script, scriptOf(chapters, { assembly, cdkFile, helperUrl: helper.url }));
    await runScript(script, environmentFor(engineUrl, cliDirectory));
    const { length: run } = runnable(chapters);
    const { length: all } = treatmentsOf(chapters);
    console.log(`\n✓ ${run} of the ${all} commands of DEPLOY.md, OPERATE.md and RUNBOOK.md were run`);
  } finally {
    await helper.close();
    await Promise.all(fronts.map((front) => front.close()));
  }
}

async function main(): Promise<void> {
  const directory = await mkdtemp(path.join(tmpdir(), 'taskwire-emulator-'));
  await mkdir(logDirectory, { recursive: true });
  const log = createWriteStream(path.join(logDirectory, 'engine.log'));
  try {
    const installed = installEngine(path.join(projectRoot, '.taskwire'));
    const engine = await startEngine(installed.engine, directory, (line) => log.write(`${line}\n`));
    const standIn = await startStandInIssuer();
    try {
      await runGuide(engine.url, standIn, directory, installed.cliDirectory);
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
