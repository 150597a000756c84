import type { ListedConnection } from '../../operate/connections/connection-table.ts';
import type { EndOutcome, EndPorts } from '../../operate/connections/end.ts';
import { endConnections } from '../../operate/connections/end.ts';

function listed(id: string, more: Partial<ListedConnection> = {}): ListedConnection {
  return {
    workspace: 'acme',
    user: 'alice',
    id,
    transport: 'stream',
    socket: undefined,
    connectedAt: 0,
    deadline: 1000,
    leaseUntil: undefined,
    lastSignAt: undefined,
    ended: undefined,
    endedAt: undefined,
    ...more,
  };
}

/** A table in memory: connections end once, and `dieAt` calls later nothing works any more. */
class Ports implements EndPorts {
  readonly calls: string[] = [];
  readonly asked = new Set<string>();
  sleeps = 0;
  dieAt = Infinity;
  readonly ends = {
    endFound: async ({ id, ended, socket }: ListedConnection, reason: string) => {
      if (ended !== undefined && socket === undefined) return false;
      this.#call(`${reason} ${id}`);
      if (this.asked.has(id)) return false;
      this.asked.add(id);
      return true;
    },
  };
  readonly revokeTokenOf = async ({ id }: { readonly id: string }) => this.#call(`revoke ${id}`);
  readonly now = () => 500;
  readonly sleep = async () => {
    this.sleeps += 1;
  };

  #call(name: string): void {
    if (this.calls.length >= this.dieAt) throw new Error('interrupted');
    this.calls.push(name);
  }
}

describe('connections that are ended', () => {
  it('are told to come back, or are shut out first; those that were asked are not asked again', async () => {
    const all = [
      listed('a'),
      listed('b', { ended: 'revoked' }),
      listed('c', { ended: 'revoked', socket: 's' }),
    ];
    const outcomes: EndOutcome[] = [];
    const [back, out] = [new Ports(), new Ports()];
    await endConnections(all, 'comes back', back, (_, outcome) => outcomes.push(outcome));
    expect(back.calls).toEqual(['deploy a', 'deploy c']);
    await endConnections(all, 'for good', out, () => undefined);
    expect(out.calls).toEqual(['revoke a', 'ended_by_admin a', 'revoke b', 'revoke c', 'ended_by_admin c']);
    expect(outcomes).toEqual(['asked', 'asked before', 'asked']);
  });

  it.each([0, 1, 2, 3, 4, 5])(
    'end all the same after a run that was interrupted after %i calls',
    async (dieAt) => {
      const all = ['a', 'b', 'c'].map((id) => listed(id));
      const ports = new Ports();
      ports.dieAt = dieAt;
      await expect(endConnections(all, 'for good', ports, () => undefined)).rejects.toThrow('interrupted');
      ports.dieAt = Infinity;
      await endConnections(all, 'for good', ports, () => undefined);
      expect([...ports.asked]).toEqual(['a', 'b', 'c']);
      for (const { id } of all)
        expect(ports.calls.indexOf(`revoke ${id}`)).toBeLessThan(ports.calls.indexOf(`ended_by_admin ${id}`));
    },
  );

  it('are no more than 50 in a second', async () => {
    const ports = new Ports();
    await endConnections(
      Array.from({ length: 101 }, (_, index) => listed(String(index))),
      'comes back',
      ports,
      () => undefined,
    );
    expect([ports.asked.size, ports.sleeps]).toEqual([101, 2]);
  });
});
