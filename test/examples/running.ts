import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';

const project = path.join(import.meta.dirname, '..', '..');

/** A program that runs, by what it prints. */
export interface Running {
  /** Resolves with the first line that matches, of those before too; rejects when the program ends without. */
  line(pattern: RegExp): Promise<string>;
  /** Sends it a signal, and all that it has started; resolves when all of them have ended. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/**
 * Types `npm start` in a folder of the project.
 * @param flags for the program behind it.
 */
export function startIn(
  folder: string,
  flags: readonly string[],
  environment: Readonly<Record<string, string>>,
): Running {
  const child = spawn('npm', ['start', '--', ...flags], {
    cwd: path.join(project, folder),
    env: { ...process.env, ...environment },
    // A group of its own, which a terminal's Ctrl-C would reach as a whole.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const looks = new Set<() => void>();
  const closed = once(child, 'close');
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      lines.push(stripVTControlCharacters(line));
      for (const look of looks) look();
    });
  }
  return {
    line: (pattern) => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const look = (): void => {
        const found = lines.find((line) => pattern.test(line));
        if (found !== undefined) resolve(found);
      };
      looks.add(look);
      void closed.then(() => reject(new Error(`${folder} ended before ${pattern}: ${lines.join('\n')}`)));
      look();
      return promise;
    },
    stop: async (signal = 'SIGINT') => {
      if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, signal);
      await closed;
    },
  };
}
