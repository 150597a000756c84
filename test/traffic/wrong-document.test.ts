import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestStack } from '../end-to-end/stack.ts';
import { takeMismatches, watchTraffic } from './watch.ts';

type Json = Readonly<Record<string, never>>;

const docs = join(import.meta.dirname, '..', '..', 'docs');
// oxlint-disable-next-line typescript/no-explicit-any -- the test changes the documents anywhere
const readJson = (name: string): any => JSON.parse(readFileSync(join(docs, name), 'utf8'));

// oxlint-disable-next-line typescript/no-explicit-any -- as above
type Change = (openapi: any, asyncapi: any) => unknown;

const alice = { sub: 'alice', workspace: 'wrong-document' };

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start();
});

/** Has the stack held to the documents with a fault in them. */
async function breakDocuments(change: Change): Promise<void> {
  const [openapi, asyncapi] = [readJson('openapi.json'), readJson('asyncapi.json')];
  change(openapi, asyncapi);
  await watchTraffic(stack.local.port, [openapi as Json, asyncapi as Json]);
}

const list = '/tasks?limit=1';
const create = (): Promise<unknown> => stack.request(alice, 'POST', '/tasks', { name: 'x', priority: 3 });

describe('a document that says something else than what is served fails the test:', () => {
  it.each<[string, Change, () => Promise<unknown>, RegExp]>([
    [
      'a field that it does not know',
      (openapi) => delete openapi.components.schemas.Task.properties.updated_by,
      create,
      /additional properties/,
    ],
    [
      'a field that is not there',
      (openapi) => openapi.components.schemas.TaskList.required.push('total'),
      () => stack.request(alice, 'GET', list),
      /required property 'total'/,
    ],
    [
      'a bound of a request that succeeded',
      (openapi) => (openapi.components.schemas.NewTask.properties.priority.maximum = 2),
      create,
      /the request: .*must be <= 2/,
    ],
    [
      'a parameter',
      (openapi) => (openapi.paths['/tasks'].get.parameters = []),
      () => stack.request(alice, 'GET', list),
      /the parameter "limit" is not in the document/,
    ],
    [
      'a code of an error',
      (openapi) => {
        const { 400: answer } = openapi.paths['/tasks'].post.responses;
        answer.content['application/json'].schema.properties.code.enum = ['invalid_json'];
      },
      () => stack.request(alice, 'POST', '/tasks', { name: '' }),
      /must be equal to one of the allowed values/,
    ],
    [
      'a status',
      (openapi) => delete openapi.paths['/tasks/{id}'].get.responses[404],
      () => stack.request(alice, 'GET', '/tasks/999'),
      /the status 404 is not in the document/,
    ],
    [
      'a header',
      (openapi) =>
        (openapi.paths['/tasks'].get.responses[200].headers['ETag'] = { required: true, schema: {} }),
      () => stack.request(alice, 'GET', list),
      /the header ETag is missing/,
    ],
    [
      'a method of a path',
      (openapi) => delete openapi.paths['/sse/ticket'],
      () => stack.request(alice, 'POST', '/sse/ticket'),
      /the status 200 is not in the document/,
    ],
    [
      'a frame of a stream',
      (_, asyncapi) =>
        (asyncapi.components.messages['stream.connection.established'].payload = { maxProperties: 1 }),
      () => stack.connect(alice),
      /must NOT have more than 1 properties/,
    ],
    [
      'the fields of a frame',
      (_, asyncapi) =>
        (asyncapi.components.messages['stream.connection.established'].headers = { maxProperties: 0 }),
      () => stack.connect(alice),
      /must NOT have more than 0 properties/,
    ],
  ])('%s', async (_, change, act, fault) => {
    await breakDocuments(change);
    await act();
    const found = takeMismatches();
    expect(found).toEqual([expect.stringMatching(fault)]);
  });

  // The last one: it closes the stack.
  it('and says so when the stack is closed', async () => {
    await breakDocuments((_, asyncapi) => {
      asyncapi.components.messages['client.ping'].payload = false;
      delete asyncapi.components.messages['socket.ping'];
    });
    const { SocketClient } = await import('../socket-client.ts');
    const token = await stack.local.issuer.sign(alice);
    const client = await SocketClient.open(`ws://localhost:${stack.local.port}/ws?token=${token}`);
    client.send('{"action":"ping"}');
    await client.nextJson();
    await client.close();
    await expect(stack.close()).rejects.toThrow(
      /socket.ping\/payload is not in the document[^]*what a client said/,
    );
    expect(takeMismatches()).toEqual([]);
  });
});
