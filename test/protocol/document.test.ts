import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expiryOf } from '../../core/identity/ticket.ts';
import { endReasons } from '../../protocol/end-reasons.ts';
import { errorStatuses, tokenErrors } from '../../protocol/errors.ts';
import { taskEventTypes } from '../../protocol/events.ts';
import { controlFrames, establishedType, resumeReasons } from '../../protocol/frames.ts';
import * as headers from '../../protocol/headers.ts';
import { connectionRoutes, streamRoutes, taskRoutes } from '../../protocol/routes.ts';

const document = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'PROTOCOL.md'), 'utf8');

/** The rows of the table whose head begins with some columns, as cells without their padding. */
function tableRows(...head: readonly string[]): string[][] {
  const cells = (line: string): string[] =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
  const lines = document.split('\n');
  const start = lines.findIndex((line) => head.every((name, column) => cells(line)[column] === name));
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'));
  return lines.slice(start + 2, end).map(cells);
}

/** What stands in backticks. */
const codesIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);

describe('docs/PROTOCOL.md has what is in protocol/, and nothing else:', () => {
  it('codes of errors, with their statuses', () => {
    const documented = tableRows('status', 'codes').flatMap(([status, codes]) =>
      // The rest of a cell says what the code means.
      codesIn(codes!).map((code) => [code, Number(status)]),
    );
    const others = Object.entries(errorStatuses).filter(([code]) => !Object.hasOwn(tokenErrors, code));
    const known = documented.filter(([code]) => code !== 'Retry-After');
    expect(Object.fromEntries(known)).toEqual(Object.fromEntries(others));
  });

  it('codes of refused tokens', () => {
    const documented = tableRows('code', 'meaning').flatMap(([code]) => codesIn(code!));
    expect(documented.toSorted()).toEqual(Object.keys(tokenErrors).toSorted());
  });

  it('reasons for an end, and whether a client comes back', () => {
    const documented = tableRows('reason', '`reconnect`').map(([reason, reconnect]) => [
      codesIn(reason!)[0],
      { reconnect: codesIn(reconnect!)[0] === 'true' },
    ]);
    expect(Object.fromEntries(documented)).toEqual(endReasons);
  });

  it('frames', () => {
    const documented = tableRows('frame', 'name', 'data');
    const named = documented.flatMap(([, name]) => codesIn(name!));
    const unnamed = documented.flatMap(([frame]) => codesIn(frame!));
    expect(named.toSorted()).toEqual([...controlFrames].toSorted());
    expect(unnamed.toSorted()).toEqual([establishedType, ...taskEventTypes].toSorted());
  });

  it('reasons for which a client loads again', () => {
    const documented = tableRows('reason', 'meaning').flatMap(([reason]) => codesIn(reason!));
    expect(documented.toSorted()).toEqual([...resumeReasons].toSorted());
  });

  it('headers', () => {
    for (const name of Object.values(headers)) expect(document.toLowerCase()).toContain(name);
  });

  it('the form of a ticket', () => {
    const [, ticket, expiresAt] = /\{ "ticket": "(.+?)", "expiresAt": "(.+?)" \}/.exec(document)!;
    expect(new Date(expiryOf(ticket!)!).toISOString()).toBe(expiresAt);
  });

  it('routes', () => {
    const documented = tableRows('request', 'answer').flatMap(([request]) => codesIn(request!));
    const routes = Object.entries({ ...taskRoutes, ...connectionRoutes });
    const known = routes.flatMap(([path, methods]) => methods.map((method) => `${method} ${path}`));
    expect(documented.toSorted()).toEqual(known.toSorted());
    for (const [path, methods] of Object.entries(streamRoutes))
      for (const method of methods) expect(document).toContain(`\`${method} ${path}\``);
  });
});
