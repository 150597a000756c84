import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { FunctionSettings } from '../../local/functions/function-process.ts';
import { inspectLog } from '../secrets/log-watch.ts';
import { RuntimeApi } from './runtime-api.ts';
import { runtimeClientAdvice, runtimeClientFile } from './runtime-client.ts';

/** A function's bundle in a process of its own, under AWS's runtime client. */
export class FunctionRuntime {
  readonly api: RuntimeApi;
  /** Resolves when the process is gone. */
  readonly exited: Promise<void>;
  readonly #kill: () => void;

  private constructor(api: RuntimeApi, child: ChildProcess) {
    this.api = api;
    this.exited = new Promise((resolve) => {
      child.once('close', () => resolve());
    });
    this.#kill = () => child.kill('SIGKILL');
    process.once('exit', this.#kill);
  }

  /**
   * Starts a function with the environment that the local stack gives it, its access key included, so that the
   * template's policy holds here, too.
   * @param environment replaces variables; undefined takes one away.
   */
  static async start(
    settings: FunctionSettings,
    environment: Readonly<Record<string, string | undefined>> = {},
  ): Promise<FunctionRuntime> {
    if (!existsSync(runtimeClientFile)) {
      throw new Error(`AWS's runtime client is missing: ${runtimeClientAdvice}`);
    }
    const api = await RuntimeApi.start();
    const child = spawn(process.execPath, [runtimeClientFile, settings.handler], {
      cwd: settings.bundleDirectory,
      env: {
        ...settings.environment,
        ...environment,
        AWS_LAMBDA_RUNTIME_API: api.address,
        LAMBDA_TASK_ROOT: settings.bundleDirectory,
        _HANDLER: settings.handler,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on('line', (text) => inspectLog(settings.name, text));
    }
    return new FunctionRuntime(api, child);
  }

  /** Ends the process and its interface to Lambda. */
  async close(): Promise<void> {
    this.#kill();
    await this.exited;
    process.off('exit', this.#kill);
    await this.api.close();
  }
}
