import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import type { BatchStore } from './batch-store.ts';
import { donePrefix, openPrefix } from './batch-store.ts';

/** The bucket of failed batches of a deployed stage, with the operator's credentials. */
export class BatchBucket implements BatchStore {
  readonly #client = new S3Client();
  readonly #bucket: string;

  constructor(bucket: string) {
    this.#bucket = bucket;
  }

  async list(): Promise<readonly string[]> {
    const names: string[] = [];
    const wanted = { Bucket: this.#bucket, Prefix: openPrefix };
    for await (const { Contents: objects = [] } of paginateListObjectsV2({ client: this.#client }, wanted)) {
      names.push(...objects.map(({ Key: name }) => name!));
    }
    return names;
  }

  async read(name: string): Promise<string> {
    const { Body: body } = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: name }));
    return body!.transformToString();
  }

  /** S3 cannot rename; a run that is interrupted between copy and removal finds the batch again, and in the log. */
  async markDone(name: string): Promise<void> {
    const Bucket = this.#bucket;
    const CopySource = encodeURI(`${Bucket}/${name}`);
    await this.#client.send(new CopyObjectCommand({ Bucket, CopySource, Key: `${donePrefix}${name}` }));
    await this.#client.send(new DeleteObjectCommand({ Bucket, Key: name }));
  }
}
