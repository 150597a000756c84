import type { StackTemplate } from '../template/stack-template.ts';

interface PermissionProperties {
  readonly Action: string;
  readonly FunctionName: string;
  readonly Principal: string;
  readonly SourceArn?: string;
}

/**
 * Tells who may call a function's URL by its resource-based policy. It takes both permissions, to call the URL and to
 * invoke the function by way of it.
 * Source: "Control access to Lambda function URLs", Lambda developer guide.
 * @returns a test of a caller, who is `*` for anybody or the ARN of a distribution.
 */
export function readUrlPermissions(
  template: StackTemplate,
  functionArn: string,
): (caller: string) => boolean {
  const permissions = template
    .resourcesOfType('AWS::Lambda::Permission')
    .map(({ properties }) => properties as unknown as PermissionProperties)
    .filter(({ FunctionName }) => FunctionName === functionArn);
  const callersFor = (wanted: string): Set<string | undefined> =>
    new Set(
      permissions
        .filter(({ Action, Principal }) => Action === wanted && isUrlCaller(Principal))
        .map(({ Principal, SourceArn }) => (Principal === '*' ? Principal : SourceArn)),
    );
  const ofUrl = callersFor('lambda:InvokeFunctionUrl');
  const ofFunction = callersFor('lambda:InvokeFunction');
  return (caller) => ofUrl.has(caller) && ofFunction.has(caller);
}

function isUrlCaller(principal: string): boolean {
  return principal === '*' || principal === 'cloudfront.amazonaws.com';
}
