import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccessControl } from '../iam/access-control.ts';
import { UnknownRequest } from '../iam/request-actions.ts';
import { localAccount, localRegion } from '../template/stack-template.ts';

/** The header X-Amz-Target of the one operation that is known. Source: GetParameter, Systems Manager API reference. */
const getParameter = 'AmazonSSM.GetParameter';

/** How functions read parameters: Systems Manager's GetParameter, and nothing else of it. */
export class ParameterEndpoint {
  readonly #access: AccessControl;
  readonly #parameters: Readonly<Record<string, string>>;

  /** @param parameters values by their full names, such as `/taskwire/local/canary`. */
  constructor(access: AccessControl, parameters: Readonly<Record<string, string>>) {
    this.#access = access;
    this.#parameters = parameters;
  }

  /** Whether a request is for this endpoint. */
  static takes({ headers }: IncomingMessage): boolean {
    return String(headers['x-amz-target']).startsWith('AmazonSSM.');
  }

  /** Answers a call as Systems Manager does; what the local stack does not know of it is refused. */
  serve(request: IncomingMessage, body: Buffer, accessKeyId: string, response: ServerResponse): void {
    const answer = (status: number, content: object): void =>
      void response
        .writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
        .end(JSON.stringify(content));
    try {
      const name = parameterName(String(request.headers['x-amz-target']), body);
      const resource = `arn:aws:ssm:${localRegion}:${localAccount}:parameter${name}`;
      const denial = this.#access.deny(accessKeyId, [{ action: 'ssm:GetParameter', resource }]);
      if (denial !== undefined) return answer(400, { __type: 'AccessDeniedException', message: denial });
      const value = this.#parameters[name];
      if (value === undefined) return answer(400, { __type: 'ParameterNotFound' });
      answer(200, { Parameter: { Name: name, Type: 'SecureString', Value: value, Version: 1 } });
    } catch (error) {
      const name = error instanceof UnknownRequest ? 'AccessDeniedException' : 'SerializationException';
      answer(400, { __type: name, message: (error as Error).message });
    }
  }
}

/** @throws {UnknownRequest} for another operation, and for a name that is no path, or is not asked for decrypted. */
function parameterName(target: string, body: Buffer): string {
  if (target !== getParameter) throw new UnknownRequest(`the local stack does not know ${target}`);
  const { Name: name, WithDecryption: decrypted } = JSON.parse(body.toString('utf8')) as {
    readonly Name?: unknown;
    readonly WithDecryption?: unknown;
  };
  if (typeof name === 'string' && /^\/[\w./-]+$/.test(name) && decrypted === true) return name;
  throw new UnknownRequest('parameters are asked for by their paths, and decrypted');
}
