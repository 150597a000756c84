import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { DeleteCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';

/** An item as the table gives it. */
export type Item = Readonly<Record<string, unknown>>;

/** The key of an item: a value for each of the table's key attributes. */
export type ItemKey = Readonly<Record<string, string | number>>;

/** What a read may miss: nothing that was written before it, or, at half the cost, what was written in the last moment. */
export type Consistency = 'consistent' | 'eventual';

/** Reads and writes single items of a table, under no condition. All of it throws what the table throws. */
export interface Items {
  /** @returns undefined where there is none. */
  get(key: ItemKey, consistency: Consistency): Promise<Item | undefined>;
  /** Writes an item in the place of whatever has its key. */
  put(item: Item): Promise<void>;
  /** Deletes an item, if it is there. */
  remove(key: ItemKey): Promise<void>;
}

/** Sends a request for each item. */
export class SingleItems implements Items {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async get(key: ItemKey, consistency: Consistency): Promise<Item | undefined> {
    const { Item: item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: key, ConsistentRead: consistency === 'consistent' }),
    );
    return item;
  }

  async put(item: Item): Promise<void> {
    await this.#client.send(new PutCommand({ TableName: this.#table, Item: item }));
  }

  async remove(key: ItemKey): Promise<void> {
    await this.#client.send(new DeleteCommand({ TableName: this.#table, Key: key }));
  }
}
