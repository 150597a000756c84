import { functionArn } from '../template/stack-template.ts';
import type { RequiredPermission } from './request-actions.ts';
import { UnknownRequest } from './request-actions.ts';

/** A name, an ARN or a part of one, each without a version. Source: FunctionName of Invoke, Lambda API reference. */
const nameForms = /^(?:(?:arn:aws:lambda:[a-z0-9-]+:)?\d{12}:function:)?([\w-]{1,64})$/;

/**
 * Names the function that a call to invoke one is about.
 * @param text the name as the path of the call has it, decoded.
 * @throws {UnknownRequest} for a form that is not listed here, one with a version or an alias among them.
 */
export function invokedFunction(text: string): string {
  const [, name] = nameForms.exec(text) ?? [];
  if (name === undefined) throw new UnknownRequest(`functions are not named in the form ${text}`);
  return text.startsWith('arn:') ? text : functionArn(name);
}

/**
 * Names the permission that an invocation needs.
 * Source: "Actions, resources, and condition keys for AWS Lambda", Service Authorization Reference.
 * @param arn of the function.
 */
export function invokePermission(arn: string): RequiredPermission {
  return { action: 'lambda:InvokeFunction', resource: arn };
}
