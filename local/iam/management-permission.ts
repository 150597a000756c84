import { localAccount, localRegion } from '../template/stack-template.ts';
import type { RequiredPermission } from './request-actions.ts';
import { UnknownRequest } from './request-actions.ts';

/** A call to the management endpoint of a WebSocket API. */
export interface ManagementCall {
  readonly apiId: string;
  readonly stage: string;
  readonly method: string;
  readonly connectionId: string;
}

const methods: ReadonlySet<string> = new Set(['POST', 'GET', 'DELETE']);

/**
 * Names the permission that a call needs.
 * Source: "Control access to WebSocket APIs with AWS IAM authorization", API Gateway developer guide.
 * @throws {UnknownRequest} for a method that is not one of the endpoint.
 */
export function managementPermission({
  apiId,
  stage,
  method,
  connectionId,
}: ManagementCall): RequiredPermission {
  if (!methods.has(method)) throw new UnknownRequest(`connections are not managed with ${method}`);
  const api = `arn:aws:execute-api:${localRegion}:${localAccount}:${apiId}`;
  return {
    action: 'execute-api:ManageConnections',
    resource: `${api}/${stage}/${method}/@connections/${connectionId}`,
  };
}
