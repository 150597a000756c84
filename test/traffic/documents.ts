import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Described, Json, Parameter } from './described.ts';
import { headerFaults, schemaOf } from './described.ts';

/** An HTTP answer, and what was asked. */
export interface Exchange {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** The body of the request, where it was a text. */
  readonly sent: string | undefined;
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where it is JSON. */
  readonly body: unknown;
}

/** A part of a JSON document as a pointer has it. */
const escaped = (part: string | number): string => String(part).replaceAll('~', '~0').replaceAll('/', '~1');

/** The two documents, as schemas that traffic is held to. What does not fit is told in lines; none means that all does. */
export class Documents {
  readonly #openapi: Json;
  readonly #asyncapi: Json;
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false });
  readonly #validators = new Map<string, ValidateFunction>();
  readonly #operations: readonly {
    pattern: RegExp;
    path: string;
    methods: Readonly<Record<string, Described>>;
  }[];

  constructor(openapi: Json, asyncapi: Json) {
    this.#openapi = openapi;
    this.#asyncapi = asyncapi;
    // What the schemas use means the same in the dialects of both.
    this.#ajv.addSchema(openapi, 'openapi', false, false);
    this.#ajv.addSchema(asyncapi, 'asyncapi', false, false);
    const paths = Object.entries(
      openapi['paths'] as Readonly<Record<string, Readonly<Record<string, Described>>>>,
    );
    this.#operations = paths.map(([path, methods]) => ({
      pattern: new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, '[^/]+')}/?$`),
      path,
      methods,
    }));
  }

  /** Holds an answer, and the request where it succeeded, to the document. */
  exchange({ method, path, sent, status, headers, body }: Exchange): string[] {
    // As `fetch` sends it: without dots.
    const { pathname, searchParams: query } = new URL(path, 'http://localhost');
    const found = this.#find(method, pathname);
    // Where no operation is there are answers of the kind that any operation may give, and those that say so.
    const responses = found?.operation.responses ?? this.#components()['responses'] ?? {};
    const pointer = found ? `${found.pointer}/responses` : '/components/responses';
    const answer = responses[status];
    if (!answer) return [`the status ${status} is not in the document`];
    const place = answer.$ref?.replace(/^#/, '') ?? `${pointer}/${status}`;
    const described = answer.$ref
      ? this.#components()['responses']![answer.$ref.split('/').at(-1)!]!
      : answer;
    const faults = [...headerFaults(described, headers), ...this.#bodyFaults(place, described, body)];
    if (status >= 300 || !found) return faults;
    return [
      ...faults,
      ...this.#requestFaults(found.pointer, found.operation, sent),
      ...this.#queryFaults(found.pointer, found.operation, query),
    ];
  }

  /** Holds a frame of a stream to the document. */
  streamFrame({
    id,
    event,
    data,
  }: {
    id?: string | undefined;
    event?: string | undefined;
    data: unknown;
  }): string[] {
    const fields = { ...(id !== undefined && { id }), ...(event !== undefined && { event }) };
    const message = `/components/messages/stream.${escaped(((data as Json)['type'] as string) ?? event)}`;
    return [
      ...this.#faults('asyncapi', `${message}/payload`, data),
      ...this.#faults('asyncapi', `${message}/headers`, fields),
    ];
  }

  /** Holds a frame of a WebSocket to the document. */
  socketFrame(frame: Json): string[] {
    const type =
      frame['event'] === 'message' ? (frame['data'] as Json | undefined)?.['type'] : frame['event'];
    return this.#faults('asyncapi', `/components/messages/socket.${escaped(String(type))}/payload`, frame);
  }

  /** Holds what a client of a WebSocket says to the document. */
  clientMessage(message: unknown): string[] {
    const action = String((message as Json | null)?.['action']).slice(0, 40);
    return this.#faults('asyncapi', `/components/messages/client.${escaped(action)}/payload`, message);
  }

  /** Whether a schema of docs/openapi.json accepts a value, and if not, why. */
  schema(name: string, value: unknown): string[] {
    return this.#faults('openapi', `/components/schemas/${name}`, value);
  }

  /** Whether a parameter of an operation accepts the text of a query, and if not, why. */
  parameter(method: string, path: string, name: string, text: string): string[] {
    const found = this.#find(method, path)!;
    return this.#queryFaults(found.pointer, found.operation, new URLSearchParams({ [name]: text }));
  }

  /** The parameters of an operation, of those in one place. */
  parameters(method: string, path: string, where: string): readonly Parameter[] {
    return (this.#find(method, path)?.operation.parameters ?? []).filter((each) => each.in === where);
  }

  /** The codes of all errors, each with its status. */
  errorCodes(): Record<string, number> {
    const responses = this.#operations.flatMap(({ methods }) =>
      Object.values(methods).flatMap(({ responses: each = {} }) => Object.entries(each)),
    );
    const codes = [...responses, ...Object.entries(this.#components()['responses']!)].flatMap(
      ([status, each]) => {
        const schema = schemaOf(each) as { properties?: { code?: { enum: string[] } } } | undefined;
        return (schema?.properties?.code?.enum ?? []).map((code) => [code, Number(status)] as const);
      },
    );
    return Object.fromEntries(codes);
  }

  /** Each example of a body, with what its schema has against it. */
  examples(): { readonly place: string; readonly faults: string[] }[] {
    const bodies = this.#operations.flatMap(({ path, methods }) =>
      Object.entries(methods).flatMap(([method, { requestBody, responses = {} }]) => {
        const pointer = `/paths/${escaped(path)}/${method}`;
        const answers = Object.entries(responses).map(
          ([status, { content = {} }]) => [`${pointer}/responses/${status}`, content] as const,
        );
        return [[`${pointer}/requestBody`, requestBody?.content ?? {}] as const, ...answers];
      }),
    );
    return bodies.flatMap(([place, content]) =>
      Object.entries(content).flatMap(([type, media]) => {
        const { example } = media as Json;
        if (example === undefined) return [];
        return [
          { place, faults: this.#faults('openapi', `${place}/content/${escaped(type)}/schema`, example) },
        ];
      }),
    );
  }

  #components(): Readonly<Record<string, Readonly<Record<string, Described>>>> {
    return this.#openapi['components'] as Readonly<Record<string, Readonly<Record<string, Described>>>>;
  }

  #find(method: string, pathname: string): { pointer: string; operation: Described } | undefined {
    const found = this.#operations.find(({ pattern }) => pattern.test(pathname));
    const operation = found?.methods[method.toLowerCase()];
    if (!found || !operation) return undefined;
    return { pointer: `/paths/${escaped(found.path)}/${method.toLowerCase()}`, operation };
  }

  #bodyFaults(place: string, { content }: Described, body: unknown): string[] {
    if (content === undefined) return body === '' ? [] : ['it has a body, where the document has none'];
    if (!content['application/json']) return [];
    return this.#faults('openapi', `${place}/content/application~1json/schema`, body);
  }

  #requestFaults(pointer: string, { requestBody }: Described, sent: string | undefined): string[] {
    if (!requestBody || sent === undefined) return [];
    if (sent === '') return requestBody.required ? ['the request: it has no body'] : [];
    const place = `${pointer}/requestBody/content/application~1json/schema`;
    return this.#faults('openapi', place, JSON.parse(sent)).map((fault) => `the request: ${fault}`);
  }

  #queryFaults(
    pointer: string,
    { parameters = [], security = [] }: Described,
    query: URLSearchParams,
  ): string[] {
    // A stream takes what clients add to its address.
    const takesOthers = security.length > 1;
    return [...query].flatMap(([name, text]) => {
      const index = parameters.findIndex((each) => each.name === name && each.in === 'query');
      if (index < 0)
        return takesOthers ? [] : [`the request: the parameter "${name}" is not in the document`];
      const place = `${pointer}/parameters/${index}/schema`;
      const value = this.#valueOf(text, parameters[index]!.schema);
      return this.#faults('openapi', place, value).map((fault) => `the request: "${name}": ${fault}`);
    });
  }

  /** The value that a text in a query stands for. */
  #valueOf(text: string, schema: Json): unknown {
    const [, name] = /^#\/components\/schemas\/(.+)$/.exec(String(schema['$ref'])) ?? [];
    if (name !== undefined) return this.#valueOf(text, this.#components()['schemas']![name] as Json);
    const { type, items } = schema;
    if (type === 'array') return text.split(',').map((each) => this.#valueOf(each.trim(), items as Json));
    if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
    return type === 'integer' && /^(?:0|[1-9]\d*)$/.test(text) ? Number(text) : text;
  }

  #faults(document: 'openapi' | 'asyncapi', pointer: string, value: unknown): string[] {
    const key = `${document}#${encodeURI(pointer)}`;
    let validate = this.#validators.get(key);
    if (!validate) {
      if (!this.#has(document, pointer)) return [`${pointer} is not in the document`];
      this.#validators.set(key, (validate = this.#ajv.compile({ $ref: key })));
    }
    return validate(value) ? [] : [this.#ajv.errorsText(validate.errors, { dataVar: 'it' })];
  }

  #has(document: 'openapi' | 'asyncapi', pointer: string): boolean {
    const parts = pointer
      .split('/')
      .slice(1)
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    let value: unknown = document === 'openapi' ? this.#openapi : this.#asyncapi;
    for (const part of parts) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return false;
      value = (value as Json)[part];
    }
    return true;
  }
}
