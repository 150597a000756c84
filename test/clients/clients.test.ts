import type { IncomingMessage } from 'node:http';
import { get } from 'node:http';
import { createGunzip } from 'node:zlib';
import { smallChunk } from '../../local/functions/held-chunks.ts';
import { TestStack } from '../end-to-end/stack.ts';
import { clients } from './clients.ts';
import type { CompressingProxy } from './compressing-proxy.ts';
import { startCompressingProxy } from './compressing-proxy.ts';
import { scenariosOf } from './scenarios.ts';
import type { Swept } from './sweep.ts';
import { sweep } from './sweep.ts';
import { markdown, tableInDocument, tableOf } from './table.ts';

const names = clients.map(({ name }) => name);
const versions = new Map<string, string | null>();
/** What each client failed at, by its name. */
const failed = new Map(names.map((name): [string, string[]] => [name, []]));

/** Notes what a client has failed at, for the table, and fails the test. */
function expectNone(name: string, what: string, problems: readonly string[] | undefined): void {
  if (problems?.length !== 0) failed.get(name)!.push(what);
  expect(problems).toEqual([]);
}

const environment = {
  // As deployed stages have it, against the chunks that are held back.
  PADDING_BYTES: '3',
  RETRY_MIN_MS: '20',
  RETRY_MAX_MS: '60',
  // Many streams share a machine.
  POLL_MIN_MS: '10',
  POLL_MAX_MS: '50',
  // Cut streams leave sessions behind; limits have tests of their own.
  CONNECTIONS_PER_USER: '1000',
  CONNECTIONS_PER_WORKSPACE: '1000',
};
let stack: TestStack;
let stackOfShortSessions: TestStack;
beforeAll(async () => {
  [stack, stackOfShortSessions] = await Promise.all([
    TestStack.start({ holdChunksBelow: smallChunk, environment }),
    TestStack.start({ holdChunksBelow: smallChunk, environment: { ...environment, SESSION_SECONDS: '4' } }),
  ]);
});
afterAll(async () => {
  await stack.close();
  await stackOfShortSessions.close();
});

describe.each(
  scenariosOf(({ guests }) => {
    for (const { driven } of guests) versions.set(driven.client.name, driven.version ?? null);
  }),
)('$name', ({ name: scenario, hasShortSessions, run }) => {
  let problems: ReadonlyMap<string, readonly string[]>;
  beforeAll(async () => {
    problems = await run(hasShortSessions === true ? stackOfShortSessions : stack);
  });

  it.each(names)('%s', (name) => expectNone(name, scenario, problems.get(name)));
});

describe.each(['broken', 'closed'] as const)('%s at each byte', (cut) => {
  let swept: ReadonlyMap<string, Swept>;
  beforeAll(async () => {
    swept = new Map(
      await Promise.all(
        clients.map(async (client): Promise<[string, Swept]> => [client.name, await sweep(client, cut)]),
      ),
    );
  });

  it.each(names)('%s', (name) => expectNone(name, `${cut} at each byte`, swept.get(name)!.problems));
});

describe('clients that keep an id before its frame is whole', () => {
  // The `id` is the last line of a frame: there is but the line end after it.
  it.each(['`@microsoft/fetch-event-source`', '`eventsource` 2'])(
    '%s loses an event at one cut only, where it is left as it comes',
    async (name) => {
      const client = clients.find((one) => one.name === name)!;
      const { lostBefore } = await sweep(client, 'broken', true);
      expect(lostBefore).toEqual([1]);
    },
  );
});

describe('a compressing proxy', () => {
  const workspace = 'held';
  const admin = { sub: 'root', workspace, admin: true };
  let proxy: CompressingProxy;
  beforeAll(async () => {
    proxy = await startCompressingProxy(stack.local.url);
  });
  afterAll(() => proxy.close());

  async function openCompressed(origin: string, sub: string): Promise<IncomingMessage> {
    const token = await stack.local.issuer.sign({ sub, workspace });
    const headers = { 'accept-encoding': 'gzip', authorization: `Bearer ${token}` };
    return new Promise((resolve, reject) => {
      get(`${origin}/sse/connect`, { headers }, resolve).once('error', reject);
    });
  }

  /** Waits until a user has a stream at the stack, and gives its id. */
  async function connectionOf(user: string): Promise<string> {
    for (;;) {
      const { body } = await stack.request(admin, 'GET', '/sse/stats');
      const connections = body.connections as ReadonlyArray<{ id: string; userId: string }>;
      const found = connections.find(({ userId }) => userId === user);
      if (found !== undefined) return found.id;
    }
  }

  it('holds a stream back to its end, unless it sees no-transform', async () => {
    let heldText = '';
    const readHeld = async (): Promise<void> => {
      const answer = await openCompressed(proxy.urlWithoutHeader, 'held');
      for await (const text of answer.pipe(createGunzip()).setEncoding('utf8')) heldText += text as string;
    };
    const held = readHeld();
    // The stack has answered this one before the other one is asked for.
    const idOfHeld = await connectionOf('held');
    const free = await openCompressed(proxy.url, 'free');
    expect(free.headers['content-encoding']).toBeUndefined();
    let freeText = '';
    for await (const text of free.setEncoding('utf8')) {
      freeText += text as string;
      // Leaving the loop closes the connection.
      if (freeText.includes('connection.established')) break;
    }
    expect(heldText).toBe('');

    await stack.request(admin, 'DELETE', `/sse/connections/${idOfHeld}`);
    await held;
    expect(heldText).toContain('connection.established');
  });
});

describe('docs/CLIENTS.md', () => {
  it('has the table of this run', () => {
    const table = tableOf(versions, failed);
    console.log(markdown(table));
    expect(tableInDocument()).toEqual(table);
  });
});
