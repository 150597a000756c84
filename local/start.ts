/** `npm start`: synthesizes the stage `local`, runs its template, and says where. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exitWith, parseFlags, parsePort, parseSignIn, parseSwitch } from './command-line.ts';
import { functionLog } from './function-log.ts';
import { watchParent } from './parent-watch.ts';
import { smallChunk } from './runtime/held-chunks.ts';
import { defaultPort, startLocalStack } from './stack.ts';
import type { LocalStack } from './stack.ts';
import { synthesizeLocalStage } from './synthesize.ts';

const help = `npm start -- [--port N] [--data DIR] [--edge on|off]
             [--sign-in switch|oidc] [--hold-chunks] [--verbose]

  --port N        port of the stack; 0 for any (default ${defaultPort})
  --data DIR      keep tasks and history here between runs (default: in memory)
  --edge on       with CloudFront in front, as in staging and production (default: off, as in dev)
  --sign-in oidc  with the edge on: users of the page sign in as they do with an issuer (default: switch, where they
                  say who they are)
  --hold-chunks   hold small chunks of a stream back until the next write, as Lambda may
  --verbose       show every line that the functions log, not only warnings and errors

  DYNAMODB_ENDPOINT=http://host:port uses a DynamoDB server of yours instead of the embedded one.`;

const project = path.join(import.meta.dirname, '..');
/** With the padding that deployed stages have against it: the stage `local` needs none otherwise. */
const heldChunks = { holdChunksBelow: smallChunk, environment: { PADDING_BYTES: '3' } } as const;
/** Longer than this and the rest is left to the operating system. */
const shutdownLimitMs = 1500;

async function main(): Promise<void> {
  const flags = parseFlags(
    {
      options: {
        port: { type: 'string' },
        data: { type: 'string' },
        edge: { type: 'string' },
        'sign-in': { type: 'string' },
        'hold-chunks': { type: 'boolean' },
        verbose: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    } as const,
    'npm start -- --help',
  );
  if (flags.help === true) {
    console.log(help);
    return;
  }
  const port = flags.port === undefined ? defaultPort : parsePort(flags.port, 0);
  const edge = parseSwitch(flags.edge ?? 'off', '--edge');
  const signIn = parseSignIn(flags['sign-in'] ?? 'switch', edge);
  const assembly = mkdtempSync(path.join(tmpdir(), 'taskwire-assembly-'));
  process.once('exit', () => rmSync(assembly, { recursive: true, force: true }));
  // Until the stack runs, its children end with this process.
  let stop = exitQuietly;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop());
  watchParent(() => stop());

  const began = performance.now();
  const stack = await startLocalStack({
    assembly: async () => {
      console.log('synthesizing the template and starting the database ...');
      await synthesizeLocalStage(assembly, edge, signIn);
      console.log(`synthesized after ${seconds(began)}; starting the functions ...`);
      return assembly;
    },
    port,
    dataDirectory: flags.data,
    databaseEndpoint: process.env.DYNAMODB_ENDPOINT,
    pageDirectory: path.join(project, 'dashboard'),
    onLog: functionLog(flags.verbose === true),
    ...(flags['hold-chunks'] === true && heldChunks),
  });
  let isStopping = false;
  stop = () => {
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => process.exit(0), shutdownLimitMs).unref();
    void stack.close().finally(() => process.exit(0));
  };
  void exitWhenLost(stack, () => isStopping);
  const token = await stack.issuer.sign({ sub: 'alice', expiresIn: 12 * 3600 });
  console.log(`ready ${stack.url} (${seconds(began)})`);
  console.log(`\nA token for the user alice, for 12 hours (more: npm run -s token -- --help):\n${token}`);
  console.log(`\ncurl -N "${stack.url}/sse/connect?token=${token}"\n`);
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

main().catch(exitWith);
