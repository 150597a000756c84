import { comparePermissions } from '../../tools/iam/comparison.ts';
import type { ReviewedFinding } from '../../tools/iam/comparison.ts';

const table = 'arn:aws:dynamodb:us-east-1:000000000000:table/taskwire-TasksTable2B8D4C1C';
const bucket = 'arn:aws:s3:::taskwire-FanOutFailedBatchesBucket0123ABCD';
const put = { functionName: 'tasks', action: 'dynamodb:PutItem', resource: table };

describe('permissions', () => {
  it('that are granted and asked for are used, as often as they were asked for', () => {
    const grant = { functionName: 'fanout', action: 's3:PutObject', resource: `${bucket}/aws/lambda/*` };
    const asked = { functionName: 'fanout', action: 's3:PutObject', allowed: true };
    const use = [
      { ...asked, resource: `${bucket}/aws/lambda/a`, count: 2 },
      { ...asked, resource: `${bucket}/aws/lambda/b`, count: 3 },
    ];

    const { used, unused, denied } = comparePermissions([grant, grant], use, []);

    expect(used).toEqual([
      {
        function: 'fanout',
        action: 's3:PutObject',
        resource: 'FanOutFailedBatchesBucket/aws/lambda/*',
        count: 5,
        reason: undefined,
      },
    ]);
    expect([...unused, ...denied]).toEqual([]);
  });

  it.each([
    ['another function', { functionName: 'fanout' }],
    ['another action', { action: 'dynamodb:UpdateItem' }],
    ['another resource', { resource: `${table}/index/byStatus` }],
    ['nobody with success', { allowed: false }],
  ])('that %s used are not used', (_, change) => {
    const use = [{ ...put, allowed: true, count: 1, ...change }];

    const { used, unused } = comparePermissions([put], use, []);

    expect(used).toEqual([]);
    expect(unused).toMatchObject([{ function: 'tasks', action: 'dynamodb:PutItem', count: 0 }]);
  });

  it('that are asked for and not granted are denied', () => {
    const { denied } = comparePermissions([], [{ ...put, allowed: false, count: 4 }], []);

    expect(denied).toMatchObject([{ resource: 'table/TasksTable', count: 4, reason: undefined }]);
  });
});

describe('a review', () => {
  const review: ReviewedFinding = {
    function: 'tasks',
    action: 'dynamodb:PutItem',
    resource: 'table/TasksTable',
    finding: 'unused',
    reason: 'because',
  };

  it('gives the finding its reason', () => {
    const { unused, stale } = comparePermissions([put], [], [review]);

    expect(unused).toMatchObject([{ reason: 'because' }]);
    expect(stale).toEqual([]);
  });

  it('of one finding is no reason for another', () => {
    const { denied, stale } = comparePermissions([], [{ ...put, allowed: false, count: 1 }], [review]);

    expect(denied).toMatchObject([{ reason: undefined }]);
    expect(stale).toEqual([review]);
  });

  it('is stale when the permission is used', () => {
    const { stale } = comparePermissions([put], [{ ...put, allowed: true, count: 1 }], [review]);

    expect(stale).toEqual([review]);
  });
});
