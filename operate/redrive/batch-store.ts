import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import path from 'node:path';

/** Where failed batches are kept. All methods throw what the store below them throws. */
export interface BatchStore {
  /** The names of those that are not done, in any order. */
  list(): Promise<readonly string[]>;
  read(name: string): Promise<string>;
  /** Keeps a batch where `list` does not find it any more. */
  markDone(name: string): Promise<void>;
}

/** Begin of the names that Lambda gives. */
export const openPrefix = 'aws/lambda/';

/** Done batches keep their name behind this. */
export const donePrefix = 'redriven/';

/** The directory that stands for the bucket in a local stack. */
export class BatchDirectory implements BatchStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async list(): Promise<readonly string[]> {
    const top = await readdir(this.#directory);
    if (!top.includes('aws')) return [];
    const entries = await readdir(path.join(this.#directory, openPrefix), {
      recursive: true,
      withFileTypes: true,
    });
    return entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => path.relative(this.#directory, path.join(parentPath, name)))
      .map((file) => file.split(path.sep).join('/'));
  }

  read(name: string): Promise<string> {
    return readFile(path.join(this.#directory, name), 'utf8');
  }

  async markDone(name: string): Promise<void> {
    const done = path.join(this.#directory, donePrefix, name);
    await mkdir(path.dirname(done), { recursive: true });
    await rename(path.join(this.#directory, name), done);
  }
}
