import type { ResolvedResource, StackTemplate } from '../template/stack-template.ts';
import { localAccount, localRegion } from '../template/stack-template.ts';

interface PermissionProperties {
  readonly Action: string;
  readonly FunctionName: string;
  readonly Principal: string;
  readonly SourceArn?: string;
}

/** A route of an HTTP API, and the function behind it. */
export interface ApiCall {
  readonly apiId: string;
  readonly stage: string;
  /** Such as `GET /tasks/{id}` or `$default`. */
  readonly routeKey: string;
  readonly functionArn: string;
}

/**
 * Tells which routes may invoke the functions behind them, by the functions' resource-based policies.
 *
 * A permission's SourceArn is compared as ArnLike does: each of the six parts between colons for itself, and in a part
 * `*` stands for any text, slashes too.
 * Source: "AWS::Lambda::Permission", CloudFormation; "ARN condition operators", IAM user guide.
 */
export function readApiPermissions(template: StackTemplate): (call: ApiCall) => boolean {
  const permissions = template.resourcesOfType('AWS::Lambda::Permission').map(asPermission);
  return (call) => {
    const source = sourceArn(call);
    return permissions.some(
      ({ Action, FunctionName, Principal, SourceArn }) =>
        Action === 'lambda:InvokeFunction' &&
        Principal === 'apigateway.amazonaws.com' &&
        FunctionName === call.functionArn &&
        (SourceArn === undefined || isArnLike(source, SourceArn)),
    );
  };
}

function asPermission({ properties }: ResolvedResource): PermissionProperties {
  return properties as unknown as PermissionProperties;
}

/**
 * The ARN in whose name API Gateway invokes: with method and path of the route, variables as they are written there.
 * `$default` has neither, and so one part less: what is allowed to all methods and paths is not allowed to it.
 * Source: aws/serverless-application-model, issue 1860 and its fix, pull request 2574.
 */
function sourceArn({ apiId, stage, routeKey }: ApiCall): string {
  const methodAndPath = routeKey.replace(' ', '');
  return `arn:aws:execute-api:${localRegion}:${localAccount}:${apiId}/${stage}/${methodAndPath}`;
}

function isArnLike(arn: string, pattern: string): boolean {
  const parts = splitArn(arn);
  const patterns = splitArn(pattern);
  return parts.length === patterns.length && patterns.every((wanted, index) => isLike(parts[index]!, wanted));
}

/** The last of the six parts may hold colons itself. */
function splitArn(arn: string): string[] {
  const parts = arn.split(':');
  return [...parts.slice(0, 5), parts.slice(5).join(':')];
}

function isLike(text: string, pattern: string): boolean {
  const source = pattern.replaceAll(/[\\^$.|+()[\]{}]/g, String.raw`\$&`);
  return new RegExp(`^${source.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(text);
}
