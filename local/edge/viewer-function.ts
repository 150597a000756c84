import { createContext, Script } from 'node:vm';
import { CommandError } from '../../commands/command-error.ts';

/** A header as a CloudFront Function sees it. */
interface ViewerHeader {
  value: string;
  multiValue?: Array<{ value: string }>;
}

type Handler = (event: object) => unknown;

/** A request as a function gives it back, or an answer. */
interface HandlerResult {
  readonly uri?: unknown;
  readonly querystring?: unknown;
  readonly headers?: Record<string, ViewerHeader>;
  readonly statusCode?: number;
  readonly body?: unknown;
}

/** A request as the edge gets it from the viewer. */
export interface ViewerRequest {
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  /** Query without the question mark. */
  readonly query: string;
  /** Lower-case name → values. */
  readonly headers: Readonly<NodeJS.Dict<string[]>>;
  /** Address of the viewer. */
  readonly ip: string;
}

/** What a function makes of a request: headers to go on with, or an answer of its own. Names in lower case. */
export type ViewerResult =
  | { readonly headers: Readonly<Record<string, string>> }
  | { readonly answer: { readonly status: number; readonly headers: Readonly<Record<string, string>> } };

/** The code of a CloudFront Function for viewer requests, run as it stands in the template. */
export class ViewerFunction {
  readonly #handler: Handler;
  readonly #name: string;

  /** @throws {CommandError} when the code does not run or has no function `handler` */
  constructor(code: string, name: string) {
    this.#name = name;
    let handler: unknown;
    try {
      handler = new Script(`${code}\nhandler;`, { filename: name }).runInContext(createContext({}));
    } catch (error) {
      throw new CommandError(`the CloudFront Function ${name} does not run: ${(error as Error).message}`, {
        cause: error,
      });
    }
    if (typeof handler !== 'function') {
      throw new CommandError(`the CloudFront Function ${name} has no function handler`);
    }
    this.#handler = handler as Handler;
  }

  /**
   * Runs the function on a request.
   * Source of the event's form: "CloudFront Functions event structure", CloudFront developer guide.
   * @returns the headers as the function leaves them, or the answer that it gives.
   * @throws {Error} for whatever else a function may do: answer with a body, or change the path or the query.
   */
  run({ method, path, query, headers, ip }: ViewerRequest): ViewerResult {
    const querystring = Object.fromEntries(
      [...new URLSearchParams(`?${query}`)].map(([name, value]) => [name, { value }]),
    );
    const asked = JSON.stringify(querystring);
    const result = this.#handler({
      version: '1.0',
      context: { eventType: 'viewer-request' },
      viewer: { ip },
      request: { method, uri: path, querystring, headers: viewerHeaders(headers), cookies: {} },
    }) as HandlerResult | undefined;
    if (result?.statusCode !== undefined && result.body === undefined) {
      return { answer: { status: result.statusCode, headers: joinedAll(result.headers ?? {}) } };
    }
    if (
      result?.headers === undefined ||
      result.uri !== path ||
      JSON.stringify(result.querystring) !== asked
    ) {
      throw new Error(
        `the CloudFront Function ${this.#name} does more than change headers or answer without a body`,
      );
    }
    return { headers: joinedAll(result.headers) };
  }
}

function viewerHeaders(headers: Readonly<NodeJS.Dict<string[]>>): Record<string, ViewerHeader> {
  const seen: Record<string, ViewerHeader> = {};
  for (const [name, [value = '', ...more] = []] of Object.entries(headers)) {
    // Cookies are apart in the event.
    if (name === 'cookie') continue;
    seen[name] = { value };
    if (more.length > 0) seen[name].multiValue = [value, ...more].map((each) => ({ value: each }));
  }
  return seen;
}

function joinedAll(headers: Readonly<Record<string, ViewerHeader>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, header]) => [name.toLowerCase(), joined(header)]),
  );
}

function joined({ value, multiValue }: ViewerHeader): string {
  return multiValue === undefined ? value : multiValue.map((each) => each.value).join(',');
}
