import { spawn, spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { findFreePort } from '../../commands/free-port.ts';
import { CommandError } from '../../commands/command-error.ts';

/**
 * MiniStack: an AWS emulator with CloudFormation that needs no Docker (MIT, https://github.com/ministackorg/ministack).
 * Fixed versions, since a new one may understand the template otherwise. It signs Cognito tokens with cryptography.
 */
const engine = { name: 'ministack', version: '1.5.33', others: ['cryptography==50.0.2'] } as const;

/** AWS's own command line, of the major version that PyPI has: what docs/DEPLOY.md types is the same in the next one. */
const commandLine = { name: 'awscli', version: '1.46.3', others: [] } as const;

/** A running engine. */
export interface Engine {
  /** Every AWS API, at one address of the loopback interface. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/**
 * Installs engine and command line, each into a Python environment of its own, unless they are there.
 * @param directory gets a directory for each, and an environment for each version.
 * @returns the engine's command, and the directory that has `aws`.
 * @throws {CommandError} when Python 3.10 or newer, or PyPI, cannot be had.
 */
export function installEngine(directory: string): { readonly engine: string; readonly cliDirectory: string } {
  return {
    engine: path.join(install(path.join(directory, engine.name), engine), 'ministack'),
    cliDirectory: install(path.join(directory, commandLine.name), commandLine),
  };
}

/** @returns the directory with the commands. */
function install(directory: string, { name, version, others }: typeof engine | typeof commandLine): string {
  const environment = path.join(directory, version);
  const commands = path.join(environment, 'bin');
  // Made when all is there.
  const mark = path.join(environment, 'installed');
  if (existsSync(mark)) return commands;
  run('python3', '-m', 'venv', '--clear', environment);
  const packages = [`${name}==${version}`, ...others];
  run(path.join(commands, 'pip'), 'install', '--quiet', '--disable-pip-version-check', ...packages);
  writeFileSync(mark, '');
  return commands;
}

function run(command: string, ...commandArguments: string[]): void {
  const { status, error } = spawnSync(command, commandArguments, { stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    throw new CommandError(
      `${command} ${commandArguments.join(' ')} failed (${error?.message ?? status}): the emulator needs Python 3.10 and PyPI`,
    );
  }
}

/**
 * Starts the engine on the loopback interface, with nothing in it.
 * @param workDirectory for what it writes.
 * @param onLine hears its log.
 * @throws {CommandError} when it ends before it is ready.
 */
export async function startEngine(
  command: string,
  workDirectory: string,
  onLine: (line: string) => void,
): Promise<Engine> {
  const port = await findFreePort();
  const running = spawn(command, [], {
    cwd: workDirectory,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      // The functions run on the Node that the PATH finds first.
      PATH: process.env['PATH'],
      HOME: workDirectory,
      TMPDIR: workDirectory,
      GATEWAY_PORT: String(port),
      BIND_HOST: '127.0.0.1',
      // A listener of its own, on every interface.
      IOT_MTLS_ENABLED: '0',
    },
  });
  const kill = (): boolean => running.kill('SIGKILL');
  process.once('exit', kill);
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  const ended = new Promise<void>((end) => running.once('close', () => end()));
  running.once('error', reject);
  running.once('close', (code) =>
    reject(new CommandError(`the emulator ended with ${code} before it was ready`)),
  );
  for (const input of [running.stdout, running.stderr]) {
    createInterface({ input }).on('line', (line) => {
      onLine(line);
      if (line.includes('Running on http')) resolve();
    });
  }
  await ready;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      process.off('exit', kill);
      running.kill('SIGTERM');
      await ended;
    },
  };
}
