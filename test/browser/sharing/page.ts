// A page that shares its stream with the other tabs of its user, and reports what it is told.

import { FetchTransport } from '../../../client/connection/fetch-transport.ts';
import { Session } from '../../../client/connection/session.ts';
import type { Source, SourceListener } from '../../../client/connection/source.ts';
import { endpointsOf } from '../../../client/http/endpoints.ts';
import { Tokens } from '../../../client/http/tokens.ts';
import { canShare } from '../../../client/sharing/can-share.ts';
import { createSharedSource } from '../../../client/sharing/shared-source.ts';
import { sharingKey } from '../../../client/sharing/sharing-key.ts';
import { paths } from '../../../protocol/paths.ts';

/** What the test is told: a status, that a load is due, an event by the name of its task, or that the page leads. */
declare const report: (kind: 'status' | 'reload' | 'event' | 'presence' | 'leads', text: string) => void;

/** Joins the tabs of the token's user; resolves with the key that they have in common. */
async function begin(token: string, presence: boolean): Promise<{ source: Source; key: string }> {
  const endpoints = endpointsOf('/', location.href);
  const subscription = presence ? { presence } : {};
  const key = canShare() ? await sharingKey(token, endpoints, subscription) : undefined;
  if (key === undefined) throw new Error('this page cannot share');
  const source = createSharedSource({
    key,
    createSession: (cursor: string | undefined, listener: SourceListener) => {
      report('leads', cursor ?? '');
      return new Session({
        openTransport: async (request, given) =>
          new FetchTransport({ ...request, endpoints, subscription }, given),
        tokens: new Tokens(token),
        cursor: cursor ?? '',
        leave: (connectionId) => {
          navigator.sendBeacon(paths.disconnect, JSON.stringify({ connectionId, token }));
        },
        listener,
      });
    },
    listener: {
      onStatus: ({ state }) => report('status', state),
      onReload: (reason) => report('reload', reason),
      onFrame: ({ name, data }) => {
        if (name !== 'message') return;
        const { type, task } = JSON.parse(data) as {
          readonly type: string;
          readonly task?: { name: string };
        };
        if (type === 'task.created') report('event', task!.name);
        else if (type.startsWith('presence.')) report('presence', type);
      },
    },
  });
  source.open();
  return { source, key };
}

// What the test calls.
Object.assign(globalThis, { begin });
