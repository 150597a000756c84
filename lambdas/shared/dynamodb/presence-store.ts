import { randomBytes } from 'node:crypto';
import type { DynamoDBDocumentClient, TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import {
  GetCommand,
  paginateQuery,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import type { AwarenessEntry, PresenceEntry } from '../../../core/awareness/entries.ts';
import type { EntrySource, NamedEntry } from '../../../core/awareness/feed.ts';
import { feedKeptMs } from '../../../core/awareness/feed.ts';
import type { PresenceRecord } from '../../../core/awareness/presence.ts';
import { presenceOf } from '../../../core/awareness/presence.ts';
import { isConditionFailure, isLostRace } from './client.ts';
import { readRecord, writeRecord } from './presence-item.ts';

/** How long an item may outlive what it is about, seconds: DynamoDB takes away what has expired when it likes. */
const keptSeconds = 60;

/** How many users after one are looked at besides. */
export const neighbours = 10;

/** Who is there by the table, and what it has cost to read, units. */
export interface RecordsFound {
  readonly records: readonly PresenceRecord[];
  readonly units: number;
}

/** A user, and some of those who come after by name, going round. */
export interface Neighbourhood {
  readonly own: PresenceRecord | undefined;
  readonly others: readonly PresenceRecord[];
}

/**
 * Who is viewing the boards, and what is said of it, in the connections table. The users of a workspace are a partition, and
 * so is what is said: neither is read by who does not ask for it.
 */
export class PresenceStore implements EntrySource {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** All users of a workspace who may be there, by name; not read consistently. */
  async list(workspace: string): Promise<RecordsFound> {
    const records: PresenceRecord[] = [];
    let units = 0;
    const query = { ...this.#partition(usersOf(workspace)), ReturnConsumedCapacity: 'TOTAL' } as const;
    for await (const page of paginateQuery({ client: this.#client }, query)) {
      records.push(...(page.Items ?? []).map(readRecord));
      units += page.ConsumedCapacity?.CapacityUnits ?? 0;
    }
    return { records, units };
  }

  /**
   * A user, read consistently, and some who come after it by name: those are looked after by this one. It costs a read unit,
   * or two where it goes round.
   */
  async readNeighbourhood(workspace: string, user: string): Promise<Neighbourhood> {
    const name = nameOf(user);
    const from = await this.#range(workspace, '>=', name, neighbours + 1);
    const round = from.length > neighbours ? [] : await this.#range(workspace, '<', name, neighbours);
    const all = [...from, ...round];
    return {
      own: all.find((record) => record.user === user) ?? (await this.#readGone(workspace, user)),
      others: all.filter((record) => record.user !== user).slice(0, neighbours),
    };
  }

  async #readGone(workspace: string, user: string): Promise<PresenceRecord | undefined> {
    const Key = { workspace: goneFrom(workspace), connection: nameOf(user) };
    const { Item: item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key, ConsistentRead: true }),
    );
    return item && readRecord(item);
  }

  async #range(
    workspace: string,
    comparison: '>=' | '<',
    name: string,
    most: number,
  ): Promise<readonly PresenceRecord[]> {
    const { Items: items = [] } = await this.#client.send(
      new QueryCommand({
        ...this.#partition(usersOf(workspace), `#connection ${comparison} :name`, { ':name': name }),
        ConsistentRead: true,
        Limit: most,
      }),
    );
    return items.map(readRecord);
  }

  /**
   * Puts a user's record in the place of the one that was read. One without pages goes to those that are remembered.
   * @param before undefined where there was none.
   * @param entry what others have to be told of it: all is written, or nothing.
   * @returns false when somebody else was faster.
   */
  async put(
    workspace: string,
    before: PresenceRecord | undefined,
    record: PresenceRecord,
    entry: PresenceEntry | undefined,
  ): Promise<boolean> {
    const writes = [
      ...this.#writesOf(workspace, before, record),
      ...(entry ? [{ Put: this.#putEntries(workspace, [entry]) }] : []),
    ];
    const [first, ...others] = writes;
    try {
      if (others.length === 0 && first && 'Put' in first) await this.#client.send(new PutCommand(first.Put));
      else await this.#client.send(new TransactWriteCommand({ TransactItems: writes }));
      return true;
    } catch (error) {
      if (isLostRace(error) || isConditionFailure(error)) return false;
      throw error;
    }
  }

  #writesOf(workspace: string, before: PresenceRecord | undefined, record: PresenceRecord): readonly Write[] {
    const connection = nameOf(record.user);
    const key = { workspace: usersOf(workspace), connection };
    const goneKey = { workspace: goneFrom(workspace), connection };
    const wasThere = presenceOf(before) !== undefined;
    const unmoved = { TableName: this.#table, ...unchanged(before) };
    const absent = { TableName: this.#table, ...unchanged(undefined) };
    const ends = Object.values(record.views).map(({ until }) => until);
    const expires = Math.ceil(Math.max(record.revision, ...ends) / 1000) + keptSeconds;
    const item = { ...writeRecord({ ...record, version: (before?.version ?? 0) + 1 }), expires };
    if (ends.length > 0 && wasThere) return [{ Put: { ...unmoved, Item: { ...key, ...item } } }];
    // Another page of the user may have come and left since it was read: this one would have an earlier revision.
    if (ends.length > 0)
      return [{ Put: { ...absent, Item: { ...key, ...item } } }, { Delete: { ...unmoved, Key: goneKey } }];
    return [
      { Delete: { ...unmoved, Key: key } },
      { Put: { TableName: this.#table, Item: { ...goneKey, ...item } } },
    ];
  }

  /** Says something of a user that no record has: entries of one time, which are told in their order. */
  async say(workspace: string, entries: readonly AwarenessEntry[]): Promise<void> {
    await this.#client.send(new PutCommand(this.#putEntries(workspace, entries)));
  }

  #putEntries(
    workspace: string,
    entries: readonly AwarenessEntry[],
  ): { TableName: string; Item: Record<string, unknown> } {
    const { at } = entries[0]!;
    const expires = Math.ceil((at + feedKeptMs) / 1000) + keptSeconds;
    const connection = `${timeName(at)}${randomBytes(9).toString('base64url')}`;
    return { TableName: this.#table, Item: { workspace: saidIn(workspace), connection, entries, expires } };
  }

  /** As an `EntrySource` has it. @param isConsistent whether all is read that was written before; that costs twice as much. */
  async since(workspace: string, from: number, isConsistent = false): Promise<readonly NamedEntry[]> {
    const entries: NamedEntry[] = [];
    const partition = this.#partition(saidIn(workspace), '#connection >= :from', { ':from': timeName(from) });
    const query = { ...partition, ConsistentRead: isConsistent };
    for await (const { Items: items = [] } of paginateQuery({ client: this.#client }, query)) {
      for (const item of items) {
        // Nobody else writes them.
        const { connection, entries: said } = item as unknown as SaidItem;
        entries.push(...said.map((entry, index) => ({ name: `${connection}/${index}`, entry })));
      }
    }
    return entries;
  }

  #partition(
    partition: string,
    condition?: string,
    values: Readonly<Record<string, unknown>> = {},
  ): {
    TableName: string;
    KeyConditionExpression: string;
    ExpressionAttributeNames?: Record<string, string>;
    ExpressionAttributeValues: Record<string, unknown>;
  } {
    return {
      TableName: this.#table,
      KeyConditionExpression: condition
        ? `workspace = :partition AND ${condition}`
        : 'workspace = :partition',
      ...(condition && { ExpressionAttributeNames: { '#connection': 'connection' } }),
      ExpressionAttributeValues: { ':partition': partition, ...values },
    };
  }
}

interface SaidItem {
  readonly connection: string;
  readonly entries: readonly AwarenessEntry[];
}

/** One write of a transaction, as the types have it, but for what is never left out here. */
type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];
type Write =
  | { readonly Put: NonNullable<TransactItem['Put']> }
  | { readonly Delete: NonNullable<TransactItem['Delete']> };

/** The condition that an item is as it was read; undefined where there was none. */
function unchanged(before: PresenceRecord | undefined): {
  ConditionExpression: string;
  ExpressionAttributeValues?: Record<string, unknown>;
} {
  if (before === undefined) return { ConditionExpression: 'attribute_not_exists(workspace)' };
  return {
    ConditionExpression: 'version = :version',
    ExpressionAttributeValues: { ':version': before.version },
  };
}

/** No workspace has a name with `#` in it. */
function usersOf(workspace: string): string {
  return `${workspace}#presence`;
}

/** Those who have gone are remembered for a while, and are not among those who are looked after. */
function goneFrom(workspace: string): string {
  return `${workspace}#gone`;
}

function saidIn(workspace: string): string {
  return `${workspace}#said`;
}

function nameOf(user: string): string {
  return encodeURIComponent(user);
}

/** What the names of entries of a time begin with: texts that are in the order of their times. */
function timeName(milliseconds: number): string {
  return `${String(Math.floor(milliseconds)).padStart(15, '0')}#`;
}
