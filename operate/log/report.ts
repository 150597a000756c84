import type { Change } from '../../core/log/change.ts';
import { columns } from '../../commands/columns.ts';
import type { Inspection } from './inspect.ts';
import { describeMissed } from './last-words.ts';
import type { StoredSegment } from './stored-log.ts';

/** The most differences that are written out; the others are counted. */
const mostMissed = 20;

/** What a report shows. */
export interface ReportOptions {
  /** Whether to show what is in the tasks, private ones too. */
  readonly showTasks: boolean;
}

/** A change as it is shown. */
export interface ShownChange {
  readonly task?: number;
  readonly what: 'created' | 'updated' | 'deleted' | 'resync';
  readonly version?: number;
  /** When it was written, ISO 8601. */
  readonly at: string;
  /** Who may see the task after it, or could before it went. */
  readonly seenBy?: string;
  readonly content?: object;
}

/** A change without what is in its task, unless that is asked for. */
function showChange(change: Change, { showTasks }: ReportOptions): ShownChange {
  const at = iso(change.at);
  if (change.kind === 'resync') return { what: 'resync', at };
  const { task, before, after } = change;
  const facts = (after ?? before)!;
  const assignees = facts.assignees.length;
  const seenBy =
    facts.visibility === 'workspace'
      ? 'workspace'
      : `private: ${facts.created_by ?? 'admins'}${assignees > 0 ? ` and ${assignees} assigned` : ''}`;
  const what = after === undefined ? 'deleted' : before === undefined ? 'created' : 'updated';
  return {
    task,
    what,
    ...(after && { version: after.version }),
    at,
    seenBy,
    ...(showTasks && after && { content: after }),
  };
}

/** All that was found, as JSON for programs; the key of the log is never in it. */
export function jsonOf(workspace: string, found: Inspection, options: ReportOptions): string {
  const { head, segments, recent, faults, missed, tasks } = found;
  const { key, ...place } = head ?? {};
  return JSON.stringify(
    {
      workspace,
      head: head === undefined ? null : { ...place, hasKey: key !== undefined },
      segments: { count: segments.length, first: segments[0]?.segment, last: segments.at(-1)?.segment },
      recent: recent.map(({ changes, ...segment }) => ({
        ...segment,
        ...('unreadable' in changes
          ? changes
          : { changes: changes.map((each) => showChange(each, options)) }),
      })),
      faults,
      tasks,
      missed,
    },
    undefined,
    2,
  );
}

/** All that was found, for people. */
export function textOf(workspace: string, found: Inspection, options: ReportOptions): string {
  return [
    ...headLines(workspace, found),
    '',
    ...segmentLines(found, options),
    '',
    ...verdictLines(found),
  ].join('\n');
}

function headLines(workspace: string, { raw, head, segments }: Inspection): readonly string[] {
  const kept = segments.length;
  const range =
    kept === 0 ? 'no segments' : `segments ${segments[0]!.segment} to ${segments.at(-1)!.segment}`;
  if (head === undefined)
    return [`workspace ${workspace}: ${raw ? 'a head that cannot be used' : 'no head'}, ${range}`];
  const { log, key, last, follows, newest, at } = head;
  return [
    `workspace ${workspace}: log ${log}${key === undefined ? ', no cursor given yet' : ''}`,
    `last segment  ${last}${at > 0 ? `, logged ${iso(at)}` : ''}`,
    `follows       ${follows === undefined ? 'no stream yet' : `stream ${follows.stream}, latest change written ${iso(newest)}`}`,
    `in the table  ${kept === 0 ? range : `${kept} (${range})`}`,
  ];
}

function segmentLines({ recent }: Inspection, options: ReportOptions): readonly string[] {
  const rows = recent.flatMap((segment) => rowsOf(segment, options));
  return rows.length === 0
    ? ['no segments are kept']
    : [columns([['segment', 'written', 'task', 'change', 'seen by'], ...rows])];
}

function rowsOf({ segment, format, changes }: StoredSegment, options: ReportOptions): readonly string[][] {
  const name = `${segment} (format ${format})`;
  if ('unreadable' in changes) return [[name, '', '', `cannot be read: ${changes.unreadable}`, '']];
  return changes.map((change, index) => {
    const { task, what, version, at, seenBy = 'everybody', content } = showChange(change, options);
    const told = version === undefined ? what : `${what}, version ${version}`;
    const more = content === undefined ? '' : ` ${JSON.stringify(content)}`;
    return [index === 0 ? name : '', at, String(task ?? ''), told, `${seenBy}${more}`];
  });
}

/** What is wrong, a line each; or that nothing is. */
export function verdictLines({ faults, missed, tasks, raw, segments }: Inspection): readonly string[] {
  if (raw === undefined && segments.length === 0 && tasks === 0)
    return ['there is nothing of this workspace: is its name right?'];
  const shown = missed.slice(0, mostMissed).map(describeMissed);
  const more = missed.length - shown.length;
  const lines = [
    ...faults.map(({ text }) => text),
    ...shown,
    ...(more > 0 ? [`and ${more} tasks more`] : []),
  ];
  if (raw === undefined && segments.length === 0)
    lines.push(
      'the log is gone: the next one begins at 1, and a stream since a time hears nothing of what was before',
    );
  if (lines.length > 0) return lines;
  return [`the log is whole, and has told what the table has of its ${tasks} tasks`];
}

/** Whether nothing is wrong. */
export function isSound({ faults, missed, raw, tasks }: Inspection): boolean {
  return faults.length === 0 && missed.length === 0 && (raw !== undefined || tasks === 0);
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
