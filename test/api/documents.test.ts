import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { awarenessTypes, viewerStates, viewStates } from '../../protocol/awareness.ts';
import { endReasons } from '../../protocol/end-reasons.ts';
import { errorStatuses } from '../../protocol/errors.ts';
import { taskEventTypes } from '../../protocol/events.ts';
import { controlFrames, establishedType, resumeReasons } from '../../protocol/frames.ts';
import * as headers from '../../protocol/headers.ts';
import * as parameters from '../../protocol/parameters.ts';
import { awarenessRoutes, connectionRoutes, paths, streamRoutes, taskRoutes } from '../../protocol/routes.ts';
import { taskStatuses } from '../../protocol/task.ts';
import { socketActions, socketFrames } from '../../protocol/web-socket.ts';
import { apiDocuments } from '../../tools/api/documents.ts';
import { Documents } from '../traffic/documents.ts';

const projectRoot = join(import.meta.dirname, '..', '..');
const readRaw = (path: string): string => readFileSync(join(projectRoot, path), 'utf8');

type Json = Readonly<Record<string, unknown>>;
const openapi = JSON.parse(readRaw('docs/openapi.json')) as Json;
const asyncapi = JSON.parse(readRaw('docs/asyncapi.json')) as Json;
const documents = new Documents(openapi, asyncapi);

/** All values in a document, with where each stands. */
function* within(value: unknown, where = '#'): Generator<readonly [string, Json]> {
  if (typeof value !== 'object' || value === null) return;
  yield [where, value as Json];
  for (const [name, each] of Object.entries(value)) yield* within(each, `${where}/${name}`);
}

const valuesOf = (document: unknown, name: string): unknown[] =>
  [...within(document)].map(([, each]) => each[name]).filter((each) => each !== undefined);

/** All values that an `enum` or a `const` names. */
const named = (document: unknown): Set<unknown> =>
  new Set([...valuesOf(document, 'enum').flat(), ...valuesOf(document, 'const')]);

describe('the documents', () => {
  it.each(Object.entries(apiDocuments()))('%s is what npm run -s api:documents writes', (path, text) => {
    expect(readRaw(path)).toBe(text);
  });

  it('are valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    expect(await validator.validate(structuredClone(openapi))).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
    const wrong = { ...structuredClone(openapi), paths: { '/tasks': { get: { responses: [] } } } };
    await expect(validator.validate(wrong)).resolves.toMatchObject({ valid: false });
  });

  it('are valid AsyncAPI 3.0', () => {
    const file = 'node_modules/@asyncapi/specs/schemas/3.0.0.json';
    // The schema brings the one that it is itself written by.
    const ajv = new Ajv({ strict: false, meta: false, validateSchema: false, logger: false });
    addFormats.default(ajv);
    const validate = ajv.compile(JSON.parse(readRaw(file)) as Json);
    expect(validate(asyncapi) ? [] : validate.errors).toEqual([]);
    expect(validate({ ...asyncapi, operations: { sendFrames: { action: 'tell' } } })).toBe(false);
  });

  it.each([
    ['OpenAPI', openapi, new Ajv2020({ strict: false })],
    ['AsyncAPI', asyncapi, new Ajv({ strict: false })],
  ] as const)('have schemas that the dialect of %s understands', (_, document, ajv) => {
    const { schemas } = document['components'] as { schemas: Readonly<Record<string, Json>> };
    expect(Object.keys(schemas).length).toBeGreaterThan(10);
    for (const schema of Object.values(schemas)) expect(ajv.validateSchema(schema)).toBe(true);
  });

  it.each([
    ['OpenAPI', openapi],
    ['AsyncAPI', asyncapi],
  ])('refer to nothing that is not there: %s', (_, document) => {
    const references = valuesOf(document, '$ref').map(String);
    expect(references.length).toBeGreaterThan(10);
    const places = new Set([...within(document)].map(([where]) => where));
    expect(references.filter((each) => !places.has(each.replaceAll('~1', '/')))).toEqual([]);
  });

  it('name no host but the one of the laptop', () => {
    for (const document of [openapi, asyncapi]) {
      expect(JSON.stringify(document)).not.toMatch(/https?:\/\/|wss?:\/\/|amazonaws|cloudfront\.net/);
      const defaults = [...within(document['servers'])].map(([, each]) => each['default']);
      expect(new Set(defaults.filter(Boolean))).toEqual(
        new Set(['https', 'localhost:8788'].slice(document === openapi ? 0 : 1)),
      );
    }
  });

  it('have examples that their own schemas accept', () => {
    const checked = documents.examples();
    expect(checked.length).toBeGreaterThan(15);
    expect(checked.flatMap(({ faults }) => faults)).toEqual([]);
  });
});

describe('docs/openapi.json has what is in protocol/, and nothing else:', () => {
  const operations = Object.entries(
    openapi['paths'] as Readonly<Record<string, Readonly<Record<string, Json>>>>,
  );

  it('routes', () => {
    const documented = operations.flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const routes = Object.entries({
      ...taskRoutes,
      ...awarenessRoutes,
      ...streamRoutes,
      ...connectionRoutes,
    });
    const known = routes.flatMap(([path, methods]) => methods.map((method) => `${method} ${path}`));
    expect(documented.toSorted()).toEqual(known.toSorted());
  });

  it.each([
    ['GET', paths.tasks, parameters.listParameters, []],
    ['GET', paths.events, parameters.eventsParameters, []],
    ['GET', paths.stream, parameters.streamParameters, ['token', 'ticket']],
  ] as const)('parameters of %s %s', (method, path, known, asSecurity) => {
    const documented = documents.parameters(method, path, 'query').map(({ name }) => name);
    expect([...documented, ...asSecurity].toSorted()).toEqual([...known].toSorted());
  });

  it('headers', () => {
    const text = JSON.stringify(openapi).toLowerCase();
    for (const name of Object.values(headers)) expect(text).toContain(name);
  });

  it('codes of errors, each under its status', () => {
    const documented = documents.errorCodes();
    // It is said on WebSockets alone.
    const { subscription_unknown: _, ...known } = errorStatuses;
    expect(documented).toEqual(known);
  });

  it('reasons, events and statuses', () => {
    const values = named(openapi);
    const known = [...resumeReasons, ...taskEventTypes, ...awarenessTypes, ...taskStatuses];
    for (const each of known) expect(values).toContain(each);
  });

  it('states of pages and of viewers', () => {
    const { ViewState: ofPage, Viewer: viewer } = (openapi['components'] as { schemas: Record<string, Json> })
      .schemas;
    expect(ofPage!['enum']).toEqual(viewStates);
    expect((viewer!['properties'] as Record<string, Json>)['state']!['enum']).toEqual(viewerStates);
  });
});

describe('docs/asyncapi.json has what is in protocol/, and nothing else:', () => {
  interface Message {
    readonly name: string;
    readonly headers?: Json;
    readonly payload: Json;
  }
  const { messages } = asyncapi['components'] as { messages: Readonly<Record<string, Message>> };
  const namesIn = (channel: string): string[] =>
    Object.entries(messages)
      .filter(([key]) => key.startsWith(`${channel}.`))
      .map(([, { name }]) => name)
      .toSorted();

  it('paths', () => {
    const addresses = Object.values(asyncapi['channels'] as Json).map((each) => (each as Json)['address']);
    expect(addresses).toEqual([paths.stream, paths.webSocket]);
  });

  const unnamed = [...taskEventTypes, ...awarenessTypes, establishedType];

  it('frames of a stream', () => {
    expect(namesIn('stream')).toEqual([...controlFrames, ...unnamed].toSorted());
  });

  it('frames of a WebSocket', () => {
    const known = [...controlFrames, ...socketFrames.filter((name) => name !== 'message'), ...unnamed];
    expect(namesIn('socket')).toEqual(known.toSorted());
  });

  it.each(awarenessTypes)('%s, which has no place in the log', (type) => {
    const fieldsOf = (schema: Json): string[] => Object.keys(schema['properties'] as Json);
    expect(fieldsOf(messages[`stream.${type}`]!.headers!)).toEqual(['event']);
    expect(fieldsOf(messages[`socket.${type}`]!.payload)).toEqual(['subscription', 'event', 'data']);
  });

  it('messages of clients', () => {
    expect(namesIn('client')).toEqual([...socketActions].toSorted());
  });

  it('reasons for an end, and whether a client comes back', () => {
    const { End: end, EndReason: reason } = (asyncapi['components'] as { schemas: Record<string, Json> })
      .schemas;
    const variants = end!['oneOf'] as {
      properties: { reason: { enum: string[] }; reconnect: { const: boolean } };
    }[];
    const documented = variants.flatMap(({ properties }) =>
      properties.reason.enum.map((each) => [each, { reconnect: properties.reconnect.const }]),
    );
    expect(Object.fromEntries(documented)).toEqual(endReasons);
    expect(reason!['enum']).toEqual(Object.keys(endReasons));
  });

  it('reasons for which a client loads again', () => {
    const { ResumeReason: reason } = (asyncapi['components'] as { schemas: Record<string, Json> }).schemas;
    expect(reason!['enum']).toEqual(resumeReasons);
  });
});
