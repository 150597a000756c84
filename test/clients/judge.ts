import type { Dispatched } from './driven-client.ts';

/** A task event that must come: its id, and its data as `JSON.stringify` writes it. */
export interface Due {
  readonly id: string;
  readonly data: string;
}

const controlEvents = new Set(['resume', 'ping', 'handover', 'end']);

function typeOf(data: string): string | undefined {
  try {
    const { type } = JSON.parse(data) as { type?: unknown };
    return typeof type === 'string' ? type : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a message is a task event, by its name and its data. */
export function isTaskEvent({ event, data }: Dispatched): boolean {
  return event === 'message' && typeOf(data)?.startsWith('task.') === true;
}

/**
 * Compares what a client dispatched with what it must have: each task event once, in order, with its id, and nothing
 * that is not a frame of the protocol.
 * @returns what is wrong, in words; empty when all is right.
 */
export function problemsOf(messages: readonly Dispatched[], due: readonly Due[]): string[] {
  const problems: string[] = [];
  for (const message of messages) {
    const { event, id, data } = message;
    const shown = JSON.stringify(data.slice(0, 200));
    const isKnown =
      event === 'message'
        ? isTaskEvent(message) || typeOf(data) === 'connection.established'
        : controlEvents.has(event) && isJson(data);
    if (!isKnown) problems.push(`a message that is none: ${event} ${shown}`);
    else if (id === '' && !(event === 'end' && data.includes('trouble'))) problems.push(`no id: ${shown}`);
    if (event === 'resume' && data.includes('"complete":false')) problems.push(`had to reload: ${data}`);
  }
  const got = messages
    .filter(isTaskEvent)
    .map(({ id, data }) => ({ id, data: JSON.stringify(JSON.parse(data)) }));
  const wrong = due.findIndex(({ id, data }, index) => got[index]?.id !== id || got[index].data !== data);
  if (wrong !== -1) {
    const instead =
      got[wrong] === undefined ? 'nothing' : `${got[wrong].id} ${got[wrong].data.slice(0, 200)}`;
    problems.push(`event ${wrong} of ${due.length}: ${instead} instead of ${due[wrong]!.id}`);
  } else if (got.length > due.length) {
    problems.push(`${got.length} events instead of ${due.length}`);
  }
  return problems;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
