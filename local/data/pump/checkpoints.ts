import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** Where each shard was read to; kept in a file when the stack keeps its data. */
export class Checkpoints {
  readonly #file: string | undefined;
  readonly #sequenceNumbers: Record<string, string>;
  #saving: NodeJS.Timeout | undefined;

  /** @param file JSON file; in memory when it is left out */
  constructor(file: string | undefined) {
    this.#file = file;
    this.#sequenceNumbers = file === undefined ? {} : readCheckpoints(file);
  }

  /** Sequence number of the last record that is done, if there is one. */
  get(streamArn: string, shardId: string): string | undefined {
    return this.#sequenceNumbers[`${streamArn} ${shardId}`];
  }

  /** Notes a record as done. It reaches the file soon: after a crash some records come again, as on AWS. */
  set(streamArn: string, shardId: string, sequenceNumber: string): void {
    this.#sequenceNumbers[`${streamArn} ${shardId}`] = sequenceNumber;
    if (this.#file === undefined || this.#saving !== undefined) return;
    this.#saving = setTimeout(() => this.save(), 200).unref();
  }

  /** Writes the file now. */
  save(): void {
    clearTimeout(this.#saving);
    this.#saving = undefined;
    if (this.#file === undefined) return;
    const draft = `${this.#file}.draft`;
    writeFileSync(draft, JSON.stringify(this.#sequenceNumbers));
    renameSync(draft, this.#file);
  }
}

function readCheckpoints(file: string): Record<string, string> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  } catch {
    // None yet, or one that a crash cut: the stream is read from its beginning, and the fan-out drops what it knows.
    return {};
  }
}
