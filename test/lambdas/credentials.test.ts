import type { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { expiryOf } from '../../core/identity/ticket.ts';
import { leewaySeconds } from '../../core/identity/token.ts';
import { plannedEnds } from '../../core/session/planned-ends.ts';
import { TicketOffice } from '../../lambdas/connections/ticket-office.ts';
import type { CarriedCredentials } from '../../lambdas/shared/auth/credentials.ts';
import { Credentials } from '../../lambdas/shared/auth/credentials.ts';
import type { VerifiedToken } from '../../lambdas/shared/auth/verifier.ts';
import { TicketStore } from '../../lambdas/shared/dynamodb/ticket-store.ts';
import { newConnection } from '../../lambdas/shared/admission/new-connection.ts';

const sampleTime = 1_700_000_000_000;
const hourMs = 3_600_000;

type Item = Readonly<Record<string, unknown>>;

/** A connections table in memory, as far as tickets use it. */
class Table {
  readonly items = new Map<string, Item>();
  reads = 0;
  failure: Error | undefined;

  readonly client = {
    send: async ({ input }: PutCommand | GetCommand): Promise<object> => {
      if (this.failure) throw this.failure;
      if ('Item' in input) {
        const { workspace, connection } = input.Item as Record<string, string>;
        this.items.set(`${workspace} ${connection}`, input.Item as Item);
        return {};
      }
      const { Key: key = {}, ConsistentRead: isConsistent } = input;
      this.reads += 1;
      // Another replica may not have the item yet.
      const name = isConsistent === true ? `${key['workspace']} ${key['connection']}` : '';
      return { Item: this.items.get(name) };
    },
  } as unknown as DynamoDBDocumentClient;
}

const aliceToken: VerifiedToken = {
  principal: { workspace: 'acme', user: 'alice', admin: true },
  issuedAt: sampleTime - 60_000,
  expiresAt: sampleTime + hourMs,
  tokenExpiresAt: sampleTime + hourMs,
  fingerprint: 'of alice',
};

/** A table, its ticket office and who reads what requests carry, all by one clock. */
function sample({ ticketSeconds = 900, tokenLifeSeconds = 86_400 } = {}) {
  const clock = { time: sampleTime };
  const table = new Table();
  const store = new TicketStore(table.client, 'connections');
  const office = new TicketOffice(store, ticketSeconds, () => clock.time);
  const asked: string[] = [];
  const credentials = new Credentials({
    verifier: {
      verify: async (token) => {
        asked.push(token);
        return { ...aliceToken, fingerprint: token };
      },
    },
    tickets: store,
    tokenLifeSeconds,
    now: () => clock.time,
  });
  const verify = (carried: Partial<CarriedCredentials>): Promise<VerifiedToken> =>
    credentials.verify({ authorization: undefined, token: undefined, ticket: undefined, ...carried });
  return { clock, table, office, asked, verify };
}

describe('a ticket', () => {
  it('stands for its token until it expires, as often as it is used', async () => {
    const { office, verify, clock } = sample();
    const { ticket, expiresAt } = await office.give(aliceToken);
    expect(expiresAt).toBe(sampleTime + 900_000);
    for (clock.time of [sampleTime, sampleTime + 450_000, expiresAt - 5001]) {
      expect(await verify({ ticket })).toEqual({ ...aliceToken, expiresAt });
    }
  });

  it('is like no other of the same token', async () => {
    const { office, table } = sample();
    const given = await Promise.all(Array.from({ length: 50 }, () => office.give(aliceToken)));
    expect(new Set(given.map(({ ticket }) => ticket)).size).toBe(50);
    expect(table.items.size).toBe(50);
  });

  it('is not in the table, nor any part of it, and its item goes by itself', async () => {
    const { office, table } = sample();
    const { ticket, expiresAt } = await office.give(aliceToken);
    const [item] = table.items.values();
    expect(JSON.stringify(item)).not.toContain(ticket.split('.')[0]);
    expect(item).toEqual({
      workspace: expect.stringMatching(/^#ticket#[\w-]{43}$/),
      connection: '#',
      principal: aliceToken.principal,
      issuedAt: aliceToken.issuedAt,
      expiresAt,
      tokenExpiresAt: aliceToken.tokenExpiresAt,
      token: 'of alice',
      expires: expiresAt / 1000,
    });
  });

  it('never lives longer than its token, and a token that is about to expire gives none', async () => {
    const { office } = sample();
    const left = (milliseconds: number): VerifiedToken => ({
      ...aliceToken,
      expiresAt: sampleTime + milliseconds,
      tokenExpiresAt: sampleTime + milliseconds,
    });
    expect((await office.give(left(10_000))).expiresAt).toBe(sampleTime + 10_000);
    await expect(office.give(left(5000))).rejects.toMatchObject({ code: 'token_expired' });
  });

  it('is refused as expired without a read, also when its item is gone', async () => {
    const { office, table, verify, clock } = sample();
    const { ticket, expiresAt } = await office.give(aliceToken);
    table.items.clear();
    for (clock.time of [expiresAt - 5000, expiresAt, expiresAt + 100 * hourMs]) {
      await expect(verify({ ticket })).rejects.toMatchObject({
        code: 'token_expired',
        message: expect.stringContaining('POST /sse/ticket'),
      });
    }
    expect(table.reads).toBe(0);
  });

  it('opens nothing under another expiry, or with any other character', async () => {
    const { office, table, verify } = sample();
    const { ticket } = await office.give(aliceToken);
    await fc.assert(
      fc.asyncProperty(fc.nat(ticket.length), fc.string({ maxLength: 3 }), async (at, to) => {
        const other = ticket.slice(0, at) + to + ticket.slice(at + 1);
        fc.pre(other !== ticket);
        const code = await verify({ ticket: other }).then(
          () => 'opened',
          (error: { code?: string }) => error.code,
        );
        expect(['token_malformed', 'token_expired', 'token_invalid', 'token_missing']).toContain(code);
      }),
    );
    table.reads = 0;
    const moved = `${ticket.split('.')[0]}.${((expiryOf(ticket)! + 1000) / 1000).toString(36)}`;
    await expect(verify({ ticket: moved })).rejects.toMatchObject({ code: 'token_invalid' });
    expect(table.reads).toBe(1);
  });

  it.each(['x', 'a.b', `${'a'.repeat(43)}.`, 'eyJhbGciOiJub25lIn0.e30.'])(
    'of another form is refused without a read: %s',
    async (ticket) => {
      const { table, verify } = sample();
      await expect(verify({ ticket })).rejects.toMatchObject({ code: 'token_malformed' });
      expect(table.reads).toBe(0);
    },
  );

  it('that was sent twice is none', async () => {
    const { office, verify } = sample();
    const { ticket } = await office.give(aliceToken);
    for (const twice of [`${ticket},${ticket}`, `${ticket}, ${ticket}`, `,${ticket}`]) {
      await expect(verify({ ticket: twice })).rejects.toMatchObject({ code: 'token_malformed' });
    }
  });

  it('is refused where its token would be by now: the longest life that is accepted has become shorter', async () => {
    const given = sample();
    const { ticket } = await given.office.give(aliceToken);
    const later = sample({ tokenLifeSeconds: 600 });
    for (const [key, item] of given.table.items) later.table.items.set(key, item);
    await expect(later.verify({ ticket })).rejects.toMatchObject({ code: 'token_too_long_lived' });
    const exact = (aliceToken.tokenExpiresAt - aliceToken.issuedAt!) / 1000 - leewaySeconds;
    const same = sample({ tokenLifeSeconds: exact });
    for (const [key, item] of given.table.items) same.table.items.set(key, item);
    expect(await same.verify({ ticket })).toMatchObject({ principal: aliceToken.principal });
  });

  it('that cannot be looked up is not refused: whoever has it hears of trouble', async () => {
    const { office, table, verify } = sample();
    const { ticket } = await office.give(aliceToken);
    table.failure = Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
    await expect(verify({ ticket })).rejects.toBe(table.failure);
    await expect(office.give(aliceToken)).rejects.toBe(table.failure);
  });
});

describe('of what a request carries', () => {
  it.each([
    ['the header', { authorization: 'Bearer header', token: 'query' }, 'header'],
    ['then the token of the query', { authorization: '', token: 'query' }, 'query'],
  ])('%s counts first', async (_, carried, expected) => {
    const { office, asked, table, verify } = sample();
    const { ticket } = await office.give(aliceToken);
    expect(await verify({ ...carried, ticket })).toMatchObject({ fingerprint: expected });
    expect([asked, table.reads]).toEqual([[expected], 0]);
  });

  it('then the ticket; nothing at all is told how to ask', async () => {
    const { office, asked, verify } = sample();
    const { ticket } = await office.give(aliceToken);
    expect(await verify({ authorization: '', token: '', ticket })).toMatchObject({ fingerprint: 'of alice' });
    for (const nothing of [{}, { ticket: '' }]) {
      await expect(verify(nothing)).rejects.toMatchObject({
        code: 'token_missing',
        message: expect.stringContaining('?ticket='),
      });
    }
    await expect(verify({ authorization: `Basic ${ticket}` })).rejects.toMatchObject({
      code: 'token_malformed',
      message: expect.stringContaining('?ticket='),
    });
    expect(asked).toEqual([]);
  });
});

describe('a stream that a ticket has opened', () => {
  it('ends with the ticket, and its item says until when a revocation of the token must be kept', async () => {
    const { office, verify } = sample();
    const { ticket, expiresAt } = await office.give(aliceToken);
    const verified = await verify({ ticket });
    const limits = { now: sampleTime, deadline: sampleTime + 10 * hourMs, sessionMs: 10 * hourMs };
    const ends = plannedEnds({ ...limits, tokenExpiresAt: verified.expiresAt }, () => 0);
    expect(ends.token_expired).toBe(expiresAt);
    const deadline = Math.min(...Object.values(ends));
    const connection = newConnection('id', {}, verified, deadline, sampleTime);
    expect(connection).toMatchObject({
      deadline: expiresAt,
      token: 'of alice',
      tokenExpiresAt: aliceToken.tokenExpiresAt,
    });
  });
});
