import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import {
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { Task } from '../../../protocol/task.ts';
import { correlationAttribute, correlationMark } from '../../../core/log/change.ts';
import { readTask } from '../../../core/task/task.ts';
import type { IdempotencyRecord } from './idempotency-store.ts';
import { firstAnswerPut } from './idempotency-store.ts';
import { cancellationCodes, isConditionFailure, isTransactionConflict, itemFound } from './client.ts';

/**
 * How a conditional write went: `moved` when the task is not as it was read (or the new id is taken), `repeated` when
 * the idempotency key was used meanwhile.
 */
export type WriteOutcome = 'written' | 'moved' | 'repeated';

/** What goes with a write of a task. */
export interface WriteFacts {
  /** What the request is called. */
  readonly correlationId: string;
  /** Makes it happen once. */
  readonly once?: IdempotencyRecord | undefined;
}

/** A page of a workspace's tasks in order of id. */
export interface TaskPage {
  readonly tasks: readonly Task[];
  /** The last id looked at when there is more. */
  readonly next: number | undefined;
  /** What it cost, read units. */
  readonly units: number;
}

/** The tasks table. All reads are consistent: clients load their state after an event and must find what it told. */
export class TaskStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /** A task; undefined where there is none, or none that can be read. */
  async get(workspace: string, id: number): Promise<Task | undefined> {
    const { Item: item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: { workspace, id }, ConsistentRead: true }),
    );
    return item && readTask(item);
  }

  /** Tasks with ids above `after`, at most `limit` of them. Items that cannot be read as tasks are left out. */
  async page(workspace: string, after: number, limit: number): Promise<TaskPage> {
    const {
      Items: items = [],
      LastEvaluatedKey: lastKey,
      ConsumedCapacity: consumed,
    } = await this.#client.send(
      new QueryCommand({
        TableName: this.#table,
        KeyConditionExpression: 'workspace = :workspace AND id > :after',
        ExpressionAttributeValues: { ':workspace': workspace, ':after': after },
        ConsistentRead: true,
        Limit: limit,
        ReturnConsumedCapacity: 'TOTAL',
      }),
    );
    const tasks = items.map(readTask).filter((task) => task !== undefined);
    // After an id that JavaScript cannot hold there is none that could be a task's.
    const last: unknown = lastKey?.['id'];
    return {
      tasks,
      next: typeof last === 'number' ? last : undefined,
      units: consumed?.CapacityUnits ?? 0,
    };
  }

  /** Puts a new task, unless its id is taken. */
  async create(workspace: string, task: Task, { correlationId, once }: WriteFacts): Promise<WriteOutcome> {
    return this.#write(workspace, task, once, {
      Put: {
        TableName: this.#table,
        Item: { workspace, ...task, ...markOf(task, correlationId) },
        ConditionExpression: 'attribute_not_exists(workspace)',
      },
    });
  }

  /** Writes the fields in which `after` differs from `before`, unless the task has moved on since `before`. */
  async update(
    workspace: string,
    before: Task,
    after: Task,
    { correlationId, once }: WriteFacts,
  ): Promise<WriteOutcome> {
    const changed = [
      ...Object.entries(after).filter(([field, value]) => before[field as keyof Task] !== value),
      ...Object.entries(markOf(after, correlationId)),
    ];
    const guard = unmoved(before);
    return this.#write(workspace, after, once, {
      Update: {
        TableName: this.#table,
        Key: { workspace, id: before.id },
        UpdateExpression: `SET ${changed.map((_, index) => `#f${index} = :f${index}`).join(', ')}`,
        ...guard,
        ExpressionAttributeNames: Object.fromEntries(changed.map(([field], index) => [`#f${index}`, field])),
        ExpressionAttributeValues: {
          ...guard.ExpressionAttributeValues,
          ...Object.fromEntries(changed.map(([, value], index) => [`:f${index}`, value])),
        },
      },
    });
  }

  /** Deletes a task, unless it has moved on since it was read; one that is gone by now counts as deleted. */
  async delete(workspace: string, before: Task): Promise<WriteOutcome> {
    const command = new DeleteCommand({
      TableName: this.#table,
      Key: { workspace, id: before.id },
      ...unmoved(before),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    return this.#client.send(command).then(
      () => 'written' as const,
      (error: unknown) => (isConditionFailure(error) && !itemFound(error) ? 'written' : asOutcome(error)),
    );
  }

  async #write(
    workspace: string,
    task: Task,
    once: IdempotencyRecord | undefined,
    write: { Put: PutInput } | { Update: UpdateInput },
  ): Promise<WriteOutcome> {
    if (!once) {
      const found = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
      const command =
        'Put' in write
          ? new PutCommand({ ...write.Put, ...found })
          : new UpdateCommand({ ...write.Update, ...found });
      return this.#client.send(command as PutCommand).then(
        () => 'written' as const,
        (error: unknown) => (isSame(task, itemFound(error)) ? 'written' : asOutcome(error)),
      );
    }
    // The SDK gives a transaction a token: tried again, it finds that it has happened.
    const transaction = new TransactWriteCommand({
      TransactItems: [write, { Put: firstAnswerPut(this.#table, workspace, once) }],
    });
    return this.#client.send(transaction).then(() => 'written' as const, asOutcome);
  }
}

type PutInput = ConstructorParameters<typeof PutCommand>[0];
type UpdateInput = ConstructorParameters<typeof UpdateCommand>[0] & { UpdateExpression: string };

/** The attribute that names the request which writes a task. */
function markOf({ version }: Task, correlationId: string): Record<string, string> {
  return { [correlationAttribute]: correlationMark(version, correlationId) };
}

/** The condition that a task is still the version that was read; a raw write may have left it without one. */
function unmoved({ version }: Task): {
  ConditionExpression: string;
  ExpressionAttributeValues: Record<string, unknown>;
} {
  const sameVersion = 'version = :readVersion';
  return {
    ConditionExpression:
      version === 0
        ? `attribute_exists(workspace) AND (attribute_not_exists(version) OR ${sameVersion})`
        : sameVersion,
    ExpressionAttributeValues: { ':readVersion': version },
  };
}

/** Whether an item is the task that was to be written, to the millisecond: an earlier try of the SDK has written it. */
function isSame(task: Task, item: Readonly<Record<string, unknown>> | undefined): boolean {
  return item !== undefined && JSON.stringify(readTask(item)) === JSON.stringify(readTask({ ...task }));
}

function asOutcome(error: unknown): WriteOutcome {
  if (isConditionFailure(error)) return 'moved';
  const codes = cancellationCodes(error);
  if (codes?.[1] === 'ConditionalCheckFailed') return 'repeated';
  if (codes?.[0] === 'ConditionalCheckFailed' || isTransactionConflict(error)) return 'moved';
  throw error;
}
