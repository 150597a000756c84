/** The capacity that one request of a function consumed at the database. */
export interface ConsumedCapacity {
  readonly functionName: string;
  readonly tableName: string;
  /** Such as `Query`. */
  readonly operation: string;
  readonly readUnits: number;
  readonly writeUnits: number;
}

/** Hears of the capacity of each request that the database accepted, one call for each table in it. */
export type CapacityObserver = (consumed: ConsumedCapacity) => void;

interface ReportedCapacity {
  readonly TableName: string;
  readonly CapacityUnits: number;
}

/** Transactions give a list, which has an entry for each table; other operations one entry. */
interface CapacityAnswer {
  readonly ConsumedCapacity?: ReportedCapacity | readonly ReportedCapacity[];
}

/**
 * What a read costs at the least, also one that finds nothing, and one that is consistent. DynamoDB Local says 0 for a query
 * that finds nothing. Source: "Capacity unit consumption for read operations", DynamoDB Developer Guide.
 */
const leastReadUnits = 0.5;
const leastConsistentReadUnits = 1;

const readOperations = new Set(['GetItem', 'BatchGetItem', 'TransactGetItems', 'Query', 'Scan']);

/** The same request, with the wish to hear what it consumes. */
export function askForCapacity(input: object): string {
  return JSON.stringify({ ...input, ReturnConsumedCapacity: 'TOTAL' });
}

/** What a request asks for, as far as it says what it costs at the least. */
export interface CapacityRequest {
  readonly ConsistentRead?: unknown;
  /** Of a BatchGetItem, by table. */
  readonly RequestItems?: Readonly<
    Record<string, { readonly ConsistentRead?: unknown; readonly Keys?: readonly unknown[] }>
  >;
}

/**
 * Reads what a request consumed, as the database counted it, and no less than AWS would. A write whose condition fails
 * consumes units on AWS too, but its answer does not say how many.
 * @param target the header X-Amz-Target of the request.
 * @param body the database's answer, of status 200.
 */
export function readCapacity(
  functionName: string,
  target: string,
  request: CapacityRequest,
  body: Buffer,
): ConsumedCapacity[] {
  const { ConsumedCapacity: reported = [] } = parseEnd(body) ?? parse(body);
  const operation = target.split('.')[1] ?? '';
  const isRead = readOperations.has(operation);
  return [reported].flat().map(({ TableName: tableName, CapacityUnits: units }) => ({
    functionName,
    tableName,
    operation,
    readUnits: isRead ? Math.max(units, leastOf(request, tableName)) : 0,
    writeUnits: isRead ? 0 : units,
  }));
}

/** Each item of a batch is a read of its own, also one that is not there. */
function leastOf({ ConsistentRead, RequestItems: items }: CapacityRequest, table: string): number {
  const { ConsistentRead: isConsistent, Keys: keys = [undefined] } = items?.[table] ?? { ConsistentRead };
  return keys.length * (isConsistent === true ? leastConsistentReadUnits : leastReadUnits);
}

function parse(body: Buffer): CapacityAnswer {
  return JSON.parse(body.toString('utf8')) as CapacityAnswer;
}

/**
 * The capacity, where it is the last that an answer says: to parse a thousand items for it takes ten times as long. Whatever
 * is not the end of the outermost object is no JSON, with the brackets that follow.
 */
function parseEnd(body: Buffer): CapacityAnswer | undefined {
  const begin = body.lastIndexOf('"ConsumedCapacity":');
  if (begin < 0) return undefined;
  try {
    return parse(Buffer.concat([Buffer.from('{'), body.subarray(begin)]));
  } catch {
    return undefined;
  }
}
