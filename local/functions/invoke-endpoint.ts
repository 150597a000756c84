import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccessControl } from '../iam/access-control.ts';
import { invokedFunction, invokePermission } from '../iam/invoke-permission.ts';
import { UnknownRequest } from '../iam/request-actions.ts';
import type { AsyncInvocations } from './async-invocations.ts';

/** Source: Invoke, Lambda API reference. */
const invokePath = /^\/2015-03-31\/functions\/([^/?]+)\/invocations$/;

/** The largest event of an asynchronous invocation, bytes. Source: "Lambda quotas", Lambda developer guide. */
const largestEvent = 1024 * 1024;

/** The errors of the endpoint. Source: Invoke, Lambda API reference. */
const errors = {
  AccessDeniedException: 403,
  InvalidRequestContentException: 400,
  RequestTooLargeException: 413,
  ResourceNotFoundException: 404,
} as const;

type ErrorName = keyof typeof errors;

/** How functions invoke functions: Lambda's Invoke, asynchronously and without a version, and nothing else of Lambda. */
export class InvokeEndpoint {
  readonly #access: AccessControl;
  readonly #invocations: Pick<AsyncInvocations, 'accept'>;

  constructor(access: AccessControl, invocations: Pick<AsyncInvocations, 'accept'>) {
    this.#access = access;
    this.#invocations = invocations;
  }

  /** Whether a request is for this endpoint. */
  static takes({ url = '/' }: IncomingMessage): boolean {
    return url.startsWith('/2015-03-31/');
  }

  /** Answers a call as Lambda does; what the local stack does not know of it is refused. */
  serve(request: IncomingMessage, body: Buffer, accessKeyId: string, response: ServerResponse): void {
    try {
      const arn = this.#addressed(request);
      const denial = this.#access.deny(accessKeyId, [invokePermission(arn)]);
      if (denial !== undefined) return refuse(response, 'AccessDeniedException', denial);
      const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
      if (type !== 'Event')
        throw new UnknownRequest(`functions are not invoked with the type ${String(type)}`);
      if (body.length > largestEvent)
        return refuse(response, 'RequestTooLargeException', `the event has ${body.length} bytes`);
      if (!this.#invocations.accept(arn, this.#access.functionName(accessKeyId), eventOf(body)))
        return refuse(response, 'ResourceNotFoundException', `Function not found: ${arn}`);
      response.writeHead(202, { 'content-length': 0 }).end();
    } catch (error) {
      if (error instanceof UnknownRequest) refuse(response, 'AccessDeniedException', error.message);
      else refuse(response, 'InvalidRequestContentException', 'Could not parse request body into json');
    }
  }

  #addressed({ method, url = '/' }: IncomingMessage): string {
    const [, name] = invokePath.exec(url) ?? [];
    if (method !== 'POST' || name === undefined)
      throw new UnknownRequest(`the local stack does not know ${method} ${url}`);
    return invokedFunction(decodeURIComponent(name));
  }
}

function eventOf(body: Buffer): unknown {
  return body.length === 0 ? {} : (JSON.parse(body.toString('utf8')) as unknown);
}

function refuse(response: ServerResponse, name: ErrorName, message: string): void {
  response
    .writeHead(errors[name], { 'content-type': 'application/json', 'x-amzn-errortype': name })
    .end(JSON.stringify({ Type: 'User', Message: message }));
}
