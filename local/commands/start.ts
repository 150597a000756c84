/** `npm start`: synthesizes the stage `local`, runs its template, and says where. */
import { paths } from '../../protocol/routes.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseOrigin, parsePort, parseSwitch, runCommand, UsageError } from '../../commands/command-line.ts';
import type { Flags } from '../../commands/command-line.ts';
import { functionLog } from '../functions/function-log.ts';
import { watchParent } from './parent-watch.ts';
import { announceStack } from './running-stacks.ts';
import { smallChunk } from '../functions/held-chunks.ts';
import { defaultPort, startLocalStack } from '../stack.ts';
import type { LocalStack } from '../stack.ts';
import type { StreamHost } from '../template/synthesize.ts';
import { streamHosts, synthesizeLocalStage, usualEdge } from '../template/synthesize.ts';
import { logTraffic, observeTogether } from '../gateway/traffic-log.ts';
import { OperatorsPage, operatorsPath } from '../operations/operators-page.ts';

/** What the stage `local` allows of itself; `--allow-origin` comes on top. */
const developmentServer = 'http://localhost:5173';

const help = `npm start -- [--port N] [--data DIR] [--edge on|off]
             [--sign-in switch|oidc] [--allow-origin URL]... [--hold-chunks] [--verbose] [--quiet]

  --port N        port of the stack; 0 for any (default ${defaultPort})
  --data DIR      keep tasks, history and the key of the tokens here between runs (default: in memory)
  --edge on       with CloudFront in front, as in staging and production (default: off, as in dev; on with
                  --host container, which needs it)
  --sign-in oidc  with the edge on: users of the page sign in as they do with an issuer (default: switch, where they
                  say who they are)
  --allow-origin  an origin whose pages may call, besides the stack's own and ${developmentServer}; may be given
                  more than once
  --host HOST     what hosts the streams: ${streamHosts.join(', ')} (default: ${streamHosts[0]})
  --hold-chunks   hold small chunks of a stream back until the next write, as Lambda may
  --verbose       show every line that the functions log, not only warnings and errors
  --quiet         no line for each request and event

  DYNAMODB_ENDPOINT=http://host:port uses a DynamoDB server of yours instead of the embedded one.`;

const project = path.join(import.meta.dirname, '..', '..');
/** With the padding that deployed stages have against it: the stage `local` needs none otherwise. */
const heldChunks = { holdChunksBelow: smallChunk, environment: { PADDING_BYTES: '3' } } as const;
/** Longer than this and the rest is left to the operating system. */
const shutdownLimitMs = 1500;

const options = {
  port: { type: 'string' },
  data: { type: 'string' },
  edge: { type: 'string' },
  host: { type: 'string', default: streamHosts[0] },
  'sign-in': { type: 'string', default: 'switch' },
  'allow-origin': { type: 'string', multiple: true, default: [] as string[] },
  'hold-chunks': { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
  quiet: { type: 'boolean', default: false },
} as const;

async function main(flags: Flags<typeof options>): Promise<void> {
  const port = flags.port === undefined ? defaultPort : parsePort(flags.port, 0);
  const streamHost = parseHost(flags.host);
  const edge = parseSwitch(flags.edge ?? usualEdge(streamHost), '--edge');
  const signIn = parseSignIn(flags['sign-in'], edge);
  const given = flags['allow-origin'].map((text) => parseOrigin(text, '--allow-origin'));
  const origins = given.length === 0 ? undefined : [...new Set([developmentServer, ...given])];
  const assembly = mkdtempSync(path.join(tmpdir(), 'taskwire-assembly-'));
  process.once('exit', () => rmSync(assembly, { recursive: true, force: true }));
  // Until the stack runs, its children end with this process.
  let stop = exitQuietly;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop());
  watchParent(() => stop());

  // Before that the only requests are the stack's own.
  let isReady = false;
  const log = logTraffic((line) => {
    if (isReady) console.log(line);
  });
  const operators = new OperatorsPage();
  const began = performance.now();
  const stack = await startLocalStack({
    assembly: async () => {
      console.log('synthesizing the template and starting the database ...');
      await synthesizeLocalStage(assembly, { edge, signIn, allowedOrigins: origins, streamHost });
      console.log(`synthesized after ${seconds(began)}; starting the functions ...`);
      return assembly;
    },
    port,
    dataDirectory: flags.data,
    databaseEndpoint: process.env.DYNAMODB_ENDPOINT,
    pageDirectory: path.join(project, 'dashboard'),
    onLog: functionLog(flags.verbose),
    traffic: observeTogether([operators.traffic, ...(flags.quiet ? [] : [log])]),
    ...operators.seams,
    operators: operators.serve,
    ...(flags['hold-chunks'] && heldChunks),
  });
  let isStopping = false;
  stop = () => {
    if (isStopping) return;
    isStopping = true;
    operators.close();
    setTimeout(() => process.exit(0), shutdownLimitMs).unref();
    void stack.close().finally(() => process.exit(0));
  };
  operators.attach(stack);
  void exitWhenLost(stack, () => isStopping);
  announceStack(stack.port);
  const token = await stack.issuer.sign({ sub: 'alice', expiresIn: 12 * 3600 });
  console.log(`ready ${stack.url} (${seconds(began)})`);
  console.log(
    flags.data === undefined
      ? 'Tasks and tokens are gone when it ends; npm start -- --data DIR keeps them.'
      : `Tasks and tokens are kept in ${flags.data}.`,
  );
  console.log(firstSteps(stack.url, token));
  console.log(forOperators(stack));
  isReady = true;
  // Until a signal, or the end of what it cannot do without.
  await new Promise(() => {});
}

/** Lines to copy, for any shell: double quotes only. */
function firstSteps(url: string, token: string): string {
  const bearer = `-H "Authorization: Bearer ${token}"`;
  return [
    '',
    'A token for the user alice, for 12 hours (more: npm run -s token -- --help):',
    token,
    '',
    'Her events as they come:',
    `curl -N "${url}${paths.stream}?token=${token}"`,
    '',
    'Her tasks:',
    `curl "${url}/tasks" ${bearer}`,
    '',
    'A new task:',
    `curl -X POST "${url}/tasks" ${bearer} -H "Content-Type: application/json" -d "{\\"name\\":\\"Buy milk\\"}"`,
    '',
  ].join('\n');
}

/** Where operators look, and what their commands take in the place of a stage. */
function forOperators({ url, tables, databaseEndpoint, socketsEndpoint }: LocalStack): string {
  const flags = {
    'tasks-table': tables['tasks'],
    'events-table': tables['events'],
    'connections-table': tables['connections'],
    'sockets-endpoint': socketsEndpoint,
    endpoint: databaseEndpoint,
  };
  const location = Object.entries(flags).map(([flag, value]) => `--${flag} ${value}`);
  return [
    `For operators: ${url}${operatorsPath}`,
    '',
    'For the commands of docs/OPERATE.md, in the place of --stage:',
    location.join(' '),
    '',
  ].join('\n');
}

/**
 * Reads how users of the page sign in.
 * @param edge the other way than `switch` is part of the template's page, which only the edge serves.
 * @throws {UsageError}
 */
function parseSignIn(text: string, edge: 'on' | 'off'): 'switch' | 'oidc' {
  if (text !== 'switch' && text !== 'oidc')
    throw new UsageError(`--sign-in takes switch or oidc, not ${JSON.stringify(text)}`);
  if (text === 'oidc' && edge === 'off') throw new UsageError('--sign-in oidc needs --edge on');
  return text;
}

/** @throws {UsageError} */
function parseHost(text: string): StreamHost {
  const host = streamHosts.find((known) => known === text);
  if (host === undefined)
    throw new UsageError(`--host takes ${streamHosts.join(' or ')}, not ${JSON.stringify(text)}`);
  return host;
}

async function exitWhenLost(stack: LocalStack, isStopping: () => boolean): Promise<void> {
  const reason = await stack.lost;
  if (isStopping()) return;
  console.error(`taskwire: ${reason}; start again`);
  await stack.close();
  process.exit(1);
}

function exitQuietly(): void {
  process.exit(0);
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}

await runCommand({ name: 'taskwire', call: 'npm start', help, options, run: main });
