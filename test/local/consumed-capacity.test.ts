import { readCapacity } from '../../local/data/consumed-capacity.ts';

/** The units of an operation for which a database has counted so many. */
function unitsOf(operation: string, ...units: number[]): [reads: number, writes: number][] {
  const ConsumedCapacity = units.map((CapacityUnits, index) => ({
    TableName: `table${index}`,
    CapacityUnits,
  }));
  const body = Buffer.from(JSON.stringify({ ConsumedCapacity }));
  const [name = '', consistency] = operation.split(' ').toReversed();
  const target = `DynamoDB_20120810.${name}`;
  return readCapacity('tasks', target, { ConsistentRead: consistency === 'consistent' }, body).map(
    ({ readUnits, writeUnits }) => [readUnits, writeUnits],
  );
}

describe('the capacity that a request consumed', () => {
  it('is read units or write units, as the database says, of each table', () => {
    expect(unitsOf('Query', 2.5)).toEqual([[2.5, 0]]);
    expect(unitsOf('PutItem', 3)).toEqual([[0, 3]]);
    expect(unitsOf('TransactWriteItems', 4, 2)).toEqual([
      [0, 4],
      [0, 2],
    ]);
  });

  it('is never nothing for a read, as on AWS', () => {
    expect(unitsOf('Query', 0)).toEqual([[0.5, 0]]);
    expect(unitsOf('BatchGetItem', 0, 1)).toEqual([
      [0.5, 0],
      [1, 0],
    ]);
    expect(unitsOf('consistent Query', 0)).toEqual([[1, 0]]);
    expect(unitsOf('consistent GetItem', 2)).toEqual([[2, 0]]);
    expect(unitsOf('UpdateItem', 0)).toEqual([[0, 0]]);
  });

  it.each([
    [true, 3],
    [false, 1.5],
    [undefined, 1.5],
  ])(
    'is that of each item of a batch, also of those that are not there: consistent %s',
    (consistent, units) => {
      const request = { RequestItems: { tasks: { Keys: [{}, {}, {}], ConsistentRead: consistent } } };
      const body = Buffer.from(
        JSON.stringify({ ConsumedCapacity: [{ TableName: 'tasks', CapacityUnits: 0.5 }] }),
      );
      const [consumed] = readCapacity('tasks', 'DynamoDB_20120810.BatchGetItem', request, body);
      expect(consumed).toMatchObject({ readUnits: units, writeUnits: 0 });
    },
  );

  it.each([
    ['after the items', { Items: [], ConsumedCapacity: { TableName: 'tasks', CapacityUnits: 7 } }],
    ['before them', { ConsumedCapacity: { TableName: 'tasks', CapacityUnits: 7 }, Items: [] }],
    [
      'before what has its name',
      {
        ConsumedCapacity: { TableName: 'tasks', CapacityUnits: 7 },
        Items: [
          { name: { S: '"ConsumedCapacity":{}}' }, ConsumedCapacity: { M: { CapacityUnits: { N: '1' } } } },
        ],
      },
    ],
  ])('is found %s', (_, answer) => {
    const body = Buffer.from(JSON.stringify(answer));
    expect(readCapacity('tasks', 'DynamoDB_20120810.Query', {}, body)).toMatchObject([{ readUnits: 7 }]);
  });
});
