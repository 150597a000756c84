import { closeSync, existsSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { CommandError } from '../../commands/command-error.ts';

/** The database's file in a data directory. */
export const databaseFile = 'database.sqlite';

/**
 * Makes a directory for data unless it is there, and sees that it can be written: the database itself waits without a word
 * where it cannot.
 * @returns its absolute path.
 * @throws {CommandError}
 */
export function openDataDirectory(text: string): string {
  const directory = path.resolve(text);
  const refuse = (reason: string): never => {
    throw new CommandError(`--data ${text}: ${reason}; name a directory that you may write to`);
  };
  const wrongPart = ancestors(directory).find((part) => existsSync(part) && !statSync(part).isDirectory());
  if (wrongPart !== undefined) refuse(`${wrongPart} is a file`);
  try {
    // One by one: with `recursive`, Node tries without end where the system refuses it with ENOENT, as /proc does.
    for (const part of ancestors(directory)) if (!existsSync(part)) mkdirSync(part);
    const probe = path.join(directory, `.write-${process.pid}`);
    closeSync(openSync(probe, 'w'));
    rmSync(probe);
    const database = path.join(directory, databaseFile);
    if (existsSync(database)) closeSync(openSync(database, 'r+'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    refuse(reasons[code ?? ''] ?? message);
  }
  return directory;
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'you may not write there',
  ENOENT: 'nothing can be made there',
  EPERM: 'you may not write there',
  EROFS: 'it is on a file system that is read-only',
  ENOSPC: 'there is no space left',
};

/** The directory and all that it is in, outermost first. */
function ancestors(directory: string): string[] {
  const parent = path.dirname(directory);
  return parent === directory ? [directory] : [...ancestors(parent), directory];
}
