import { columns } from '../../commands/columns.ts';
import type { ListedConnection } from './connection-table.ts';

const titles = [
  'workspace',
  'user',
  'connection',
  'transport',
  'since',
  'until',
  'lease until',
  'last heard of',
  'ended',
];

/**
 * Connections as a table for people, and how many each workspace has.
 * @param now epoch milliseconds.
 */
export function textOf(connections: readonly ListedConnection[], now: number): string {
  if (connections.length === 0) return 'there are no open connections';
  const rows = connections.map((each) => [
    each.workspace,
    each.user,
    each.id,
    each.transport,
    iso(each.connectedAt),
    iso(each.deadline),
    each.leaseUntil === undefined ? '' : iso(each.leaseUntil),
    each.lastSignAt === undefined ? '' : `${Math.max(0, Math.round((now - each.lastSignAt) / 1000))} s ago`,
    endOf(each),
  ]);
  return [columns([titles, ...rows]), '', ...countsOf(connections)].join('\n');
}

/** How many connections each workspace has, a line each. */
export function countsOf(connections: readonly ListedConnection[]): readonly string[] {
  const workspaces = Map.groupBy(connections, ({ workspace }) => workspace);
  return [...workspaces].map(([workspace, all]) => {
    const sockets = all.filter(({ transport }) => transport === 'WebSocket').length;
    const ended = all.filter((each) => each.ended !== undefined).length;
    const asked = ended === 0 ? '' : `, ${ended} of them asked to end`;
    return `${workspace}: ${all.length - sockets} streams, ${sockets} WebSockets${asked}`;
  });
}

function endOf({ ended, endedAt }: ListedConnection): string {
  if (ended === undefined) return '';
  return endedAt === undefined ? ended : `${ended} at ${iso(endedAt)}`;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
