import type { PresenceRecord, View } from '../../../core/awareness/presence.ts';
import type { Item } from './items.ts';

/**
 * Pages name themselves, and the client of DynamoDB takes an object with a name like `constructor` for something else: so they
 * are in lists.
 */
type Named<Value> = readonly (readonly [name: string, value: Value])[];

/** A record as its item has it. */
type StoredRecord = Omit<PresenceRecord, 'views' | 'left'> & {
  readonly views: Named<View>;
  readonly left?: Named<number> | undefined;
};

/** The attributes of a record. */
export function writeRecord({ views, left, ...facts }: PresenceRecord): StoredRecord {
  return { ...facts, views: Object.entries(views), left: left && Object.entries(left) };
}

/** The record of an item, as `writeRecord` has made it; nobody else does. */
export function readRecord(item: Item): PresenceRecord {
  const { user, revision, version, since, views, left, told, said } = item as unknown as StoredRecord;
  return {
    user,
    revision,
    version,
    since,
    views: Object.fromEntries(views),
    left: left && Object.fromEntries(left),
    told,
    said,
  };
}
