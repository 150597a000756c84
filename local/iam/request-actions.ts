/** One thing that a request needs permission for. */
export interface RequiredPermission {
  /** Such as `dynamodb:PutItem`. */
  readonly action: string;
  /** An ARN. */
  readonly resource: string;
}

/** A request whose permissions are not known here: it must be refused, never waved through. */
export class UnknownRequest extends Error {
  override name = 'UnknownRequest';
}

interface DynamoDbRequest {
  readonly TableName?: unknown;
  readonly IndexName?: unknown;
  readonly StreamArn?: unknown;
  readonly RequestItems?: Readonly<Record<string, unknown>>;
  readonly TransactItems?: ReadonlyArray<Readonly<Record<string, { readonly TableName?: unknown }>>>;
}

/** A transaction authorizes as its parts: there is no TransactWriteItems action in IAM. */
const transactionActions: Readonly<Record<string, string>> = {
  Get: 'dynamodb:GetItem',
  Put: 'dynamodb:PutItem',
  Update: 'dynamodb:UpdateItem',
  Delete: 'dynamodb:DeleteItem',
  ConditionCheck: 'dynamodb:ConditionCheckItem',
};

/**
 * Names the permissions that a DynamoDB or DynamoDB Streams request needs.
 * Source: the Service Authorization Reference, "Actions, resources, and condition keys for Amazon DynamoDB".
 * @param target the header X-Amz-Target, such as `DynamoDB_20120810.GetItem`.
 * @param body the parsed JSON body.
 * @param tableArn gives the ARN of a table's name.
 * @throws {UnknownRequest} for an operation, or a form of one, that is not listed here.
 */
export function requiredPermissions(
  target: string,
  body: DynamoDbRequest,
  tableArn: (tableName: string) => string,
): RequiredPermission[] {
  const [service, operation = ''] = target.split('.');
  const action = `dynamodb:${operation}`;
  if (service === 'DynamoDBStreams_20120810') {
    if (operation === 'ListStreams') return [{ action, resource: '*' }];
    // GetRecords names its stream only inside an opaque iterator; no function of this stack polls by itself.
    if (operation !== 'DescribeStream' && operation !== 'GetShardIterator') throw unknown(target);
    return [{ action, resource: text(body.StreamArn, 'StreamArn') }];
  }
  if (service !== 'DynamoDB_20120810') throw unknown(target);
  const table = (name: unknown): string => {
    const tableName = text(name, 'TableName');
    return tableName.startsWith('arn:') ? tableName : tableArn(tableName);
  };
  switch (operation) {
    case 'GetItem':
    case 'PutItem':
    case 'UpdateItem':
    case 'DeleteItem':
    case 'DescribeTable':
      return [{ action, resource: table(body.TableName) }];
    case 'Query':
    case 'Scan': {
      const resource = table(body.TableName);
      if (body.IndexName === undefined) return [{ action, resource }];
      return [{ action, resource: `${resource}/index/${text(body.IndexName, 'IndexName')}` }];
    }
    case 'BatchGetItem':
    case 'BatchWriteItem':
      return Object.keys(body.RequestItems ?? {}).map((name) => ({ action, resource: table(name) }));
    case 'TransactGetItems':
    case 'TransactWriteItems':
      return (body.TransactItems ?? []).flatMap((item) =>
        Object.entries(item).map(([kind, part]) => {
          const partAction = transactionActions[kind];
          if (partAction === undefined) throw unknown(`${target} with ${kind}`);
          return { action: partAction, resource: table(part.TableName) };
        }),
      );
    default:
      throw unknown(target);
  }
}

function unknown(what: string): UnknownRequest {
  return new UnknownRequest(`the local policy proxy does not know which permission ${what} needs`);
}

function text(value: unknown, field: string): string {
  if (typeof value !== 'string') throw new UnknownRequest(`the request has no ${field}`);
  return value;
}
