import type { Who } from '../stack.ts';

/**
 * Who takes part in the permission tables. The second workspace has a name that differs in case only, and users with
 * the names of the first; whoever is there must never get anything of the first.
 */
export const castMembers = {
  creator: { sub: 'carol', workspace: 'acme' },
  assignee: { sub: 'ann', workspace: 'acme' },
  member: { sub: 'mike', workspace: 'acme' },
  /** A member whose name differs in case only from the creator's. */
  'look-alike': { sub: 'Carol', workspace: 'acme' },
  admin: { sub: 'ada', workspace: 'acme', admin: true },
  /** The creator's name in the other workspace. */
  namesake: { sub: 'carol', workspace: 'Acme' },
  'other admin': { sub: 'ada', workspace: 'Acme', admin: true },
} as const satisfies Record<string, Who>;

export type Role = keyof typeof castMembers;

export const allRoles = Object.keys(castMembers) as Role[];

/** A row of a table: what it is about, and what each role must get. */
export interface Row {
  readonly labels: readonly string[];
  readonly expected: Readonly<Record<Role, string>>;
}

/**
 * Reads a table of text: a first line with the names of the columns, then a line for each row, cells between `|`. The
 * columns after the labels are the roles, all of them, in any order.
 * @throws {Error} for a role that is missing or not known, and for a row of another length.
 */
export function readTable(text: string): Row[] {
  const [head = [], ...rows] = text
    .trim()
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
  const labels = head.findIndex((name) => name in castMembers);
  const roles = head.slice(labels);
  if (roles.toSorted().join() !== allRoles.toSorted().join())
    throw new Error(`the columns are ${head.join()}`);
  return rows.map((cells) => {
    if (cells.length !== head.length)
      throw new Error(`a row has ${cells.length} cells: ${cells.join(' | ')}`);
    const expected = Object.fromEntries(roles.map((role, index) => [role, cells[labels + index]!]));
    return { labels: cells.slice(0, labels), expected: expected as Record<Role, string> };
  });
}
