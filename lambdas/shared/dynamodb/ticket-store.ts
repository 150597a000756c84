import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { ticketFingerprint } from '../../../core/identity/ticket.ts';
import type { VerifiedToken } from '../auth/verifier.ts';

/**
 * What tickets stand for, in the connections table: an item for each, in a partition of its own, so that reading it
 * weighs upon nobody's. It names the ticket by its fingerprint alone.
 */
export class TicketStore {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
    this.#table = table;
  }

  /**
   * Keeps what a ticket stands for until it expires.
   * @param stands its token, with the ticket's own `expiresAt`.
   */
  async put(ticket: string, stands: VerifiedToken): Promise<void> {
    const { principal, issuedAt, expiresAt, tokenExpiresAt, fingerprint } = stands;
    const { workspace, user, admin } = principal;
    await this.#client.send(
      new PutCommand({
        TableName: this.#table,
        Item: {
          ...keyOf(ticket),
          // The attribute `workspace` is the partition's name.
          principal: { workspace, user, admin },
          issuedAt,
          expiresAt,
          tokenExpiresAt,
          token: fingerprint,
          expires: Math.ceil(expiresAt / 1000),
        },
      }),
    );
  }

  /**
   * What a ticket stands for, read consistently: it may be used the moment it is given. It costs one read unit.
   * @returns undefined where nobody was given the ticket, or its item is gone.
   */
  async find(ticket: string): Promise<VerifiedToken | undefined> {
    const { Item: item } = await this.#client.send(
      new GetCommand({ TableName: this.#table, Key: keyOf(ticket), ConsistentRead: true }),
    );
    if (item === undefined) return undefined;
    const { principal, issuedAt, expiresAt, tokenExpiresAt, token } = item as unknown as StoredTicket;
    return { principal, issuedAt, expiresAt, tokenExpiresAt, fingerprint: token };
  }
}

/** An item as `put` writes it; nobody else does. */
type StoredTicket = Omit<VerifiedToken, 'fingerprint'> & { readonly token: string };

/** No workspace has a name with `#` in it. */
function keyOf(ticket: string): { workspace: string; connection: string } {
  return { workspace: `#ticket#${ticketFingerprint(ticket)}`, connection: '#' };
}
