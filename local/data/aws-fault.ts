/** A request of a function to DynamoDB that its policy allows. */
export interface AwsCall {
  /** Short name of the function, such as `fanout`. */
  readonly functionName: string;
  /** Such as `TransactWriteItems`. */
  readonly operation: string;
  /** ARNs of the tables that it is about, each once. */
  readonly tables: readonly string[];
  /** The request as the API takes it, attribute values with their type names. */
  readonly input: Readonly<Record<string, unknown>>;
}

/** What becomes of a call other than its plain answer. */
export type AwsFault =
  /** Refused for load. A transaction is cancelled for it, as AWS does. */
  | { readonly kind: 'throttle'; readonly code?: ThrottleCode }
  /** Refused as if the function's role did not allow it. */
  | { readonly kind: 'deny' }
  /** Answered so much later. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** The connection breaks: before anything has happened, or after all of it has. */
  | { readonly kind: 'drop'; readonly when: 'before' | 'after' }
  /** It happens, but the answer never comes: the caller's time limit ends it. */
  | { readonly kind: 'stall'; readonly onHappened?: () => void }
  /** A write meets a transaction that is under way on its item. */
  | { readonly kind: 'conflict' }
  /** Of a BatchGetItem or BatchWriteItem, only the first so many items of each table are read or written. */
  | { readonly kind: 'unprocessed'; readonly processed: number };

/** How DynamoDB says that it is too much: on provisioned tables, or on on-demand ones. */
export type ThrottleCode = 'ProvisionedThroughputExceededException' | 'ThrottlingException';

/** Decides what becomes of a call; undefined lets it pass. May take its time, and the call waits. */
export type OnAwsCall = (call: AwsCall) => AwsFault | undefined | Promise<AwsFault | undefined>;

/** An error answer of DynamoDB, all of them with status 400. */
export interface ErrorAnswer {
  readonly __type: string;
  readonly message: string;
}

const model = 'com.amazonaws.dynamodb.v20120810';

/** Source: "Error handling with DynamoDB" and the SDK's model; `coral` errors come from the layer before the tables. */
const throttles: Readonly<Record<ThrottleCode, ErrorAnswer & { readonly reason: string }>> = {
  ProvisionedThroughputExceededException: {
    __type: `${model}#ProvisionedThroughputExceededException`,
    message:
      'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.',
    reason: 'ProvisionedThroughputExceeded',
  },
  ThrottlingException: {
    __type: 'com.amazon.coral.availability#ThrottlingException',
    message:
      'Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index so please try again shortly.',
    reason: 'ThrottlingError',
  },
};

/** The answer to a call that is refused for load. */
export function answerThrottle(
  { operation, input }: AwsCall,
  code: ThrottleCode = 'ThrottlingException',
): ErrorAnswer {
  const { reason, ...answer } = throttles[code];
  const cancelled = cancelTransaction(operation, input, reason, answer.message);
  return cancelled ?? answer;
}

/** The answer to a write that meets a transaction on its item. */
export function answerConflict({ operation, input }: AwsCall): ErrorAnswer {
  const message = 'Transaction is ongoing for the item';
  const cancelled = cancelTransaction(operation, input, 'TransactionConflict', message);
  return cancelled ?? { __type: `${model}#TransactionConflictException`, message };
}

/**
 * Source: TransactionCanceledException in the API reference: a reason for each item, in their order, `None` for those
 * that were fine.
 */
function cancelTransaction(
  operation: string,
  { TransactItems: items }: AwsCall['input'],
  code: string,
  message: string,
): ErrorAnswer | undefined {
  if (!operation.startsWith('Transact') || !Array.isArray(items)) return undefined;
  const reasons = items.map((_, index) =>
    index === 0 ? { Code: code, Message: message } : { Code: 'None' },
  );
  const codes = reasons.map(({ Code }) => Code).join(', ');
  return {
    __type: `${model}#TransactionCanceledException`,
    message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    CancellationReasons: reasons,
  } as ErrorAnswer;
}

/** What a batch asks of a table: writes, or keys to read. */
type BatchOfTable = readonly unknown[] | { readonly Keys: readonly unknown[] };

interface BatchInput {
  readonly RequestItems?: Readonly<Record<string, BatchOfTable>>;
}

/** Cuts a BatchGetItem or BatchWriteItem into what is done, and what its answer gives back as undone. */
export function splitBatch(
  { operation, input }: Pick<AwsCall, 'operation' | 'input'>,
  processed: number,
): { readonly done: object; readonly undone: object } {
  const { RequestItems: items = {} } = input as BatchInput;
  const part = (from: number, to?: number): object =>
    Object.fromEntries(
      Object.entries(items).flatMap(([table, asked]): [string, object][] => {
        const some = ('Keys' in asked ? asked.Keys : asked).slice(from, to);
        if (some.length === 0) return [];
        return [[table, 'Keys' in asked ? { ...asked, Keys: some } : some]];
      }),
    );
  const field = operation === 'BatchGetItem' ? 'UnprocessedKeys' : 'UnprocessedItems';
  return { done: { ...input, RequestItems: part(0, processed) }, undone: { [field]: part(processed) } };
}
