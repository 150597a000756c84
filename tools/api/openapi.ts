import type { ErrorCode } from '../../protocol/errors.ts';
import { errorStatuses, tokenErrors } from '../../protocol/errors.ts';
import { edgeTokenHeader } from '../../protocol/headers.ts';
import { paths } from '../../protocol/routes.ts';
import { answerSchemas, errorOf, requestSchemas } from './answer-schemas.ts';
import { awarenessOperations } from './awareness-operations.ts';
import { awarenessSchemas } from './awareness-schemas.ts';
import { connectionOperations, streamOperations } from './connection-operations.ts';
import { eventSchemas } from './event-schemas.ts';
import type { Operation } from './operation.ts';
import type { AnswerHeader, Parameter } from './parameters.ts';
import { answerHeaders, requestHeaders } from './parameters.ts';
import type { Schema } from './schema.ts';
import { ref } from './schema.ts';
import { taskOperations } from './task-operations.ts';
import { unsaidText } from './unsaid.ts';
import { taskSchemas } from './task-schemas.ts';

type Json = Readonly<Record<string, unknown>>;

/** What every operation may answer. */
export const commonErrors: readonly ErrorCode[] = [
  ...(Object.keys(tokenErrors) as ErrorCode[]),
  'throttled',
  'internal',
  'unavailable',
];

/** What is answered where no operation is. */
export const routeErrors: readonly ErrorCode[] = ['not_found', 'method_not_allowed'];

/** What the part of a path in braces is: a task under `/tasks`, else a connection. */
function pathParameter(path: string): Schema | undefined {
  if (!path.includes('{id}')) return undefined;
  return ref(path.startsWith(paths.task) ? 'TaskId' : 'ConnectionId');
}

/** The headers that come with a status. */
const headersOfStatus: Readonly<Record<number, readonly AnswerHeader[]>> = {
  405: ['Allow'],
  412: ['ETag'],
  429: ['Retry-After'],
  503: ['Retry-After'],
};

const isJson = (schema: Schema, example?: unknown): Json => ({
  'application/json': { schema, ...(example !== undefined && { example }) },
});

function parameter(name: string, where: 'query' | 'header', { schema, ...rest }: Parameter): Json {
  const isList = schema['type'] === 'array';
  return { name, in: where, ...rest, schema, ...(isList && { style: 'form', explode: false }) };
}

const headersOf = (names: readonly AnswerHeader[], required: boolean): Json =>
  Object.fromEntries(
    names.map((name) => [name, { ...(answerHeaders[name] as Parameter), ...(required && { required }) }]),
  );

function errorAnswer(status: number, codes: readonly ErrorCode[]): Json {
  const headers = {
    ...headersOf(['Cache-Control', ...(headersOfStatus[status] ?? [])], true),
    ...headersOf(['X-Correlation-Id'], false),
  };
  const description = codes.map((code) => `\`${code}\``).join(', ');
  return { description, headers, content: isJson(errorOf(codes)) };
}

/** Answers with errors, by status. */
function errorAnswers(codes: readonly ErrorCode[]): Json {
  const byStatus = Map.groupBy(codes, (code) => errorStatuses[code]);
  return Object.fromEntries(
    [...byStatus].map(([status, some]) => {
      const isUsual = some.every((code) => commonErrors.includes(code));
      return [status, isUsual ? { $ref: `#/components/responses/${status}` } : errorAnswer(status, some)];
    }),
  );
}

function successAnswer({ answer }: Operation): Json {
  const { description, schema, headers = [], mayHave = [], example } = answer;
  return {
    description,
    headers: {
      ...headersOf(['Cache-Control'], true),
      ...headersOf(headers, true),
      ...headersOf(schema ? [...mayHave, 'X-Correlation-Id'] : mayHave, false),
    },
    content: schema
      ? isJson(schema, example)
      : { 'text/event-stream': { schema: { type: 'string' }, example } },
  };
}

function requestBody({ body }: Operation): Json {
  if (!body) return {};
  const { schema, example, asBeacon, isOptional = false } = body;
  const content = { ...isJson(schema, example), ...(asBeacon && { 'text/plain': { schema } }) };
  return { requestBody: { required: !isOptional, content } };
}

function operationObject(path: string, operation: Operation): Json {
  const { id, tag, summary, description, query = {}, headers = [], errors, noContent } = operation;
  const inPath = pathParameter(path);
  const parameters = [
    ...(inPath ? [{ name: 'id', in: 'path', required: true, schema: inPath }] : []),
    ...Object.entries(query).map(([name, each]) => parameter(name, 'query', each)),
    ...headers.map((name) => parameter(name, 'header', requestHeaders[name])),
    ...(operation.answer.schema
      ? [parameter('X-Correlation-Id', 'header', requestHeaders['X-Correlation-Id'])]
      : []),
  ];
  const security = [{ bearer: [] }, ...(operation.takesUrlSecrets ? [{ token: [] }, { ticket: [] }] : [])];
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description && { description }),
    ...(parameters.length > 0 && { parameters }),
    ...requestBody(operation),
    responses: {
      [operation.answer.status]: successAnswer(operation),
      ...(noContent && { 204: { description: noContent, headers: headersOf(['Cache-Control'], true) } }),
      ...errorAnswers([...errors, ...commonErrors]),
    },
    security,
  };
}

/** All operations, by path and method. */
export const operations: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
  ...taskOperations,
  ...awarenessOperations,
  ...streamOperations,
  ...connectionOperations,
};

/** The schemas that both documents have. */
export const sharedSchemas: Readonly<Record<string, Schema>> = {
  ...taskSchemas,
  ...eventSchemas,
  ...awarenessSchemas,
};

const securitySchemes = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: `A JWT of the configured issuer. An edge hands it on as \`${edgeTokenHeader}\`, which no client sends.`,
  },
  token: { type: 'apiKey', in: 'query', name: 'token', description: 'The JWT itself, in place of a ticket.' },
  ticket: {
    type: 'apiKey',
    in: 'query',
    name: 'ticket',
    description: `What POST ${paths.ticket} gives for a token, for clients that can set no header.`,
  },
} as const;

/** What the documents say of themselves. */
export const info = {
  version: '1',
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
} as const;

const description = `Tasks, and streams of what happens to them. docs/PROTOCOL.md is the contract in words; the frames of
streams and WebSockets are in docs/asyncapi.json. A path that leads nowhere is 404 \`not_found\`, another method 405
\`method_not_allowed\`: components/responses has both. A slash at the end of a path makes no difference.`;

/** The API as an OpenAPI 3.1 document. */
export function openApiDocument(): Json {
  const responses = errorAnswers([...routeErrors]);
  const usual = Map.groupBy(commonErrors, (code) => errorStatuses[code]);
  return {
    openapi: '3.1.1',
    info: {
      title: 'Taskwire',
      ...info,
      description: `${description}\n\n${unsaidText}`,
    },
    servers: [
      {
        url: '{scheme}://{host}',
        variables: {
          scheme: { enum: ['https', 'http'], default: 'https' },
          host: { default: 'localhost:8788', description: 'Of your deployment.' },
        },
      },
    ],
    tags: ['tasks', 'history', 'presence', 'stream', 'connections'].map((name) => ({ name })),
    paths: Object.fromEntries(
      Object.entries(operations).map(([path, byMethod]) => [
        path,
        Object.fromEntries(
          Object.entries(byMethod).map(([method, each]) => [
            method.toLowerCase(),
            operationObject(path, each),
          ]),
        ),
      ]),
    ),
    components: {
      schemas: { ...sharedSchemas, ...answerSchemas, ...requestSchemas },
      responses: {
        ...responses,
        ...Object.fromEntries([...usual].map(([status, codes]) => [status, errorAnswer(status, codes)])),
      },
      securitySchemes,
    },
  };
}
