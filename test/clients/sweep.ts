import type { Cut } from './byte-sweep.ts';
import { ByteSweep, eventOf } from './byte-sweep.ts';
import type { Client } from './clients.ts';
import { DrivenClient } from './driven-client.ts';
import { isTaskEvent, problemsOf } from './judge.ts';

/** How a client has come through a sweep. */
export interface Swept {
  readonly problems: readonly string[];
  /** How many bytes before the end of its frame each event was cut that the client never dispatched. */
  readonly lostBefore: readonly number[];
}

/** Cuts the streams of one client at each byte that there is, with whatever it needs, or `isBare` without. */
export async function sweep(client: Client, cut: Cut, isBare = false): Promise<Swept> {
  const server = await ByteSweep.start(cut);
  const driven = new DrivenClient(client, server.url, 'no-token', isBare);
  try {
    await driven.until(
      () => server.last !== undefined && driven.messages.some(({ data }) => data === eventOf(server.last!)),
    );
  } finally {
    await driven.close();
    await server.close();
  }
  const due = Array.from({ length: server.last! + 1 }, (_, place) => place);
  const got = new Set(driven.messages.filter(isTaskEvent).map(({ data }) => data));
  const lost = due.filter((place) => !got.has(eventOf(place)));
  return {
    problems: [
      ...problemsOf(
        driven.messages,
        due.map((place) => ({
          id: `0123456789abcdef.${String(place + 1).padStart(4, '0')}`,
          data: JSON.stringify(JSON.parse(eventOf(place))),
        })),
      ),
      ...server.unknownIds.map((id) => `came back with ${id}`),
    ],
    lostBefore: lost.map((place) => {
      const { bytes, needed } = server.sent.findLast((stream) => stream.place === place)!;
      return needed - bytes;
    }),
  };
}
