import type { IncomingMessage, ServerResponse } from 'node:http';
import { createParser } from 'eventsource-parser';
import { splitUrl } from './http-event.ts';

/** Sees what comes and goes through the front door. */
export interface TrafficObserver {
  /** A request is about to be served. */
  readonly request: (request: IncomingMessage, response: ServerResponse) => void;
  /** A function begins to stream its answer; gives what hears each piece of the body as it is sent. */
  readonly stream: (request: IncomingMessage, response: ServerResponse) => (bytes: Buffer) => void;
  /** A WebSocket is open; the response is that of the handshake, and closes with the connection. */
  readonly socket: (request: IncomingMessage, response: ServerResponse) => void;
}

/** Makes one observer of several, each of which may hear a part only. */
export function observeTogether(observers: readonly Partial<TrafficObserver>[]): TrafficObserver {
  return {
    request: (request, response) => {
      for (const observer of observers) observer.request?.(request, response);
    },
    stream: (request, response) => {
      const hearing = observers.flatMap((observer) => observer.stream?.(request, response) ?? []);
      return (bytes) => {
        for (const hear of hearing) hear(bytes);
      };
    },
    socket: (request, response) => {
      for (const observer of observers) observer.socket?.(request, response);
    },
  };
}

/** How long the streams have to get an event before it is told with their number. */
const gatherMs = 100;
const longestPath = 100;

/**
 * Makes one line of each request, of each stream's and WebSocket's begin and end, and of each event with the number of streams that got
 * it. Never a query, a header or a body: they hold tokens, and what users write.
 */
export function logTraffic(print: (line: string) => void): TrafficObserver {
  const gathering = new Map<string, number>();
  const say = (text: string): void => print(`${timeOfDay()} ${text}`);
  const countEvent = (data: string): void => {
    const event = eventName(data);
    if (event === undefined) return;
    const streams = gathering.get(event) ?? 0;
    gathering.set(event, streams + 1);
    if (streams > 0) return;
    setTimeout(() => {
      const all = gathering.get(event) ?? 0;
      gathering.delete(event);
      say(`event ${event} to ${all} ${all === 1 ? 'stream' : 'streams'}`);
    }, gatherMs).unref();
  };
  /** Those whose begin is told: their end is another line. */
  const open = new WeakSet<ServerResponse>();
  return {
    request: (request, response) => {
      const began = performance.now();
      response.once('close', () => {
        const ms = performance.now() - began;
        const name = requestName(request);
        if (open.has(response)) say(`${name} ended after ${(ms / 1000).toFixed(1)} s`);
        else if (response.headersSent) say(`${name} ${response.statusCode} ${ms.toFixed(0)} ms`);
        else say(`${name} broken off after ${ms.toFixed(0)} ms`);
      });
    },
    stream: (request, response) => {
      const decoder = new TextDecoder();
      const parser = createParser({ onEvent: ({ data }) => countEvent(data) });
      return (bytes) => {
        if (response.statusCode !== 200) return;
        if (!open.has(response)) {
          open.add(response);
          say(`${requestName(request)} 200 open`);
        }
        parser.feed(decoder.decode(bytes, { stream: true }));
      };
    },
    socket: (request, response) => {
      open.add(response);
      say(`${requestName(request)} 101 open`);
    },
  };
}

function requestName({ method, url = '/' }: IncomingMessage): string {
  return `${method} ${printable(splitUrl(url).path)}`;
}

/** Type and task of an event of the contract; undefined for frames about the stream itself. */
function eventName(data: string): string | undefined {
  let frame: { readonly type?: unknown; readonly taskId?: unknown } | null;
  try {
    frame = JSON.parse(data) as typeof frame;
  } catch {
    return undefined;
  }
  if (typeof frame?.type !== 'string' || !frame.type.startsWith('task')) return undefined;
  const { type, taskId } = frame;
  return printable(taskId === undefined ? type : `${type} ${JSON.stringify(taskId)}`);
}

/** A text of others for a terminal: no control characters, not endless, and no token or ticket, wherever it is put. */
function printable(text: string): string {
  const safe = text
    .replaceAll(/[^\x20-\x7e]/g, '?')
    .replaceAll(/eyJ[\w%.~+/=-]{8,}/g, '(token)')
    .replaceAll(/(?<![\w-])[\w-]{43}\.[0-9a-z]{1,8}(?![\w-])/g, '(ticket)');
  return safe.length > longestPath ? `${safe.slice(0, longestPath)} …` : safe;
}

/** Such as 14:03:22, where the user is. */
function timeOfDay(): string {
  return new Date().toTimeString().slice(0, 8);
}
