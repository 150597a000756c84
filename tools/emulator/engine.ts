import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { findFreePort } from '../../commands/free-port.ts';
import { CommandError } from '../../commands/command-error.ts';

/**
 * MiniStack: an AWS emulator with CloudFormation that needs no Docker (MIT, https://github.com/ministackorg/ministack).
 * Fixed versions, since a new one may understand the template otherwise. It signs Cognito tokens with cryptography.
 */
const version = '1.5.33';
const packages = [`ministack==${version}`, 'cryptography==50.0.2'];

/** A running engine. */
export interface Engine {
  /** Every AWS API, at one address of the loopback interface. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/**
 * Installs the engine into a Python environment of its own, unless it is there.
 * @param directory gets an environment for each version of the engine; made when needed.
 * @returns the engine's command.
 * @throws {CommandError} when Python 3.10 or newer, or PyPI, cannot be had.
 */
export function installEngine(directory: string): string {
  const environment = path.join(directory, version);
  const command = path.join(environment, 'bin', 'ministack');
  if (existsSync(command)) return command;
  run('python3', '-m', 'venv', '--clear', environment);
  run(path.join(environment, 'bin', 'pip'), 'install', '--quiet', '--disable-pip-version-check', ...packages);
  return command;
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
  const engine = spawn(command, [], {
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
  const kill = (): boolean => engine.kill('SIGKILL');
  process.once('exit', kill);
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  const ended = new Promise<void>((end) => engine.once('close', () => end()));
  engine.once('error', reject);
  engine.once('close', (code) =>
    reject(new CommandError(`the emulator ended with ${code} before it was ready`)),
  );
  for (const input of [engine.stdout, engine.stderr]) {
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
      engine.kill('SIGTERM');
      await ended;
    },
  };
}
