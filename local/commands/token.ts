/** `npm run -s token`: prints a token for the running stack, and nothing else on stdout. */
import { parseDuration, parsePort, runCommand, UsageError } from '../../commands/command-line.ts';
import type { Flags } from '../../commands/command-line.ts';
import { findRunningStacks } from './running-stacks.ts';
import { defaultPort } from '../stack.ts';
import { CommandError } from '../../commands/command-error.ts';

const help = `npm run -s token -- --sub USER [--workspace NAME] [--admin] [--expires 1h] [--port N]

  --sub USER        whom the token speaks for
  --workspace NAME  workspace of the user (default: the workspace "default")
  --admin           the user is an admin
  --expires TIME    such as 90s, 15m, 1h or 7d (default 1h)
  --port N          port of the running stack; needed only where more than one runs`;

const options = {
  sub: { type: 'string' },
  workspace: { type: 'string' },
  admin: { type: 'boolean' },
  expires: { type: 'string' },
  port: { type: 'string' },
} as const;

async function main(flags: Flags<typeof options>): Promise<void> {
  if (flags.sub === undefined || flags.sub === '') {
    throw new UsageError('--sub is missing: npm run -s token -- --sub alice');
  }
  const request = {
    sub: flags.sub,
    workspace: flags.workspace,
    admin: flags.admin,
    expiresIn: flags.expires === undefined ? undefined : parseDuration(flags.expires),
  };
  const port = flags.port === undefined ? portOfRunningStack() : parsePort(flags.port, 1);
  console.log(await requestToken(port, request));
}

function portOfRunningStack(): number {
  const ports = findRunningStacks();
  // One that another copy of the project has started may be there.
  if (ports.length === 0) return defaultPort;
  if (ports.length === 1) return ports[0]!;
  throw new CommandError(`stacks run on the ports ${ports.join(', ')}: name one with --port`);
}

async function requestToken(port: number, request: object): Promise<string> {
  let response: Response;
  try {
    response = await fetch(`http://127.0.0.1:${port}/issuer/token`, {
      method: 'POST',
      body: JSON.stringify(request),
    });
  } catch (error) {
    throw new CommandError(`no stack runs on port ${port}: npm start, or name its port with --port`, {
      cause: error,
    });
  }
  const body = (await response.json().catch(() => ({}))) as { token?: string; message?: string };
  if (body.token === undefined) {
    throw new CommandError(
      `port ${port} gave no token (${response.status} ${body.message ?? ''}): is it Taskwire's, and is it ready?`,
    );
  }
  return body.token;
}

await runCommand({ name: 'taskwire', call: 'npm run -s token', help, options, run: main });
