import type { LoggedFrame } from './frame-log.ts';

/** What is found out about a frame only when somebody looks at it. */
export interface FrameFacts {
  /** The type of its event; its name where it has none. */
  readonly type: string;
  /** Of its data, in UTF-8. */
  readonly bytes: number;
  /** What a search looks through. */
  readonly text: string;
}

const known = new WeakMap<LoggedFrame, FrameFacts>();
const encoder = new TextEncoder();

/** The facts of a frame, found out once. */
export function factsOf(frame: LoggedFrame): FrameFacts {
  let facts = known.get(frame);
  if (facts === undefined) {
    const type = typeOf(frame);
    const text = `${type} ${frame.id} ${frame.data}`.toLowerCase();
    facts = { type, bytes: encoder.encode(frame.data).length, text };
    known.set(frame, facts);
  }
  return facts;
}

function typeOf({ name, data }: LoggedFrame): string {
  if (name !== 'message') return name;
  const { type } = (parsed(data) ?? {}) as { readonly type?: unknown };
  return typeof type === 'string' ? type : name;
}

/** The data as people read JSON; as it came where it is none. */
export function prettyData(data: string): string {
  const value = parsed(data);
  return value === undefined ? data : JSON.stringify(value, undefined, 2);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A cursor, its middle left out where it is long. */
export function shortId(id: string): string {
  return id.length <= 18 ? id : `${id.slice(0, 8)}…${id.slice(-8)}`;
}

/** How long ago, in the largest unit that fits. */
export function ageInWords(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h`;
}
