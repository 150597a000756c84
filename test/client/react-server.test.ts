import { jest } from '@jest/globals';
import { createElement, StrictMode } from 'react';
import type { ReactElement } from 'react';
import { renderToString } from 'react-dom/server';
import type { Presence } from '../../client/presence/index.ts';
import type { TaskStore } from '../../client/store/index.ts';
import {
  useConnection,
  useConnectionStatus,
  useOpened,
  useTask,
  useTaskEvents,
  useTasks,
  useTyping,
  useViewers,
} from '../../client/react/index.ts';

const token = jest.fn(() => 'a token');
const open = jest.fn(() => ({ close: () => undefined }));

/** All hooks at once. */
function All(): ReactElement {
  const connection = useConnection(token, { url: 'https://tasks.example' });
  const store = useOpened<TaskStore>(undefined, []);
  const presence = useOpened<Presence>(undefined, []);
  const shown = {
    connection: connection !== undefined,
    opened: useOpened(open, []) !== undefined,
    state: useConnectionStatus(connection).state,
    events: useTaskEvents('a token', { url: 'https://tasks.example' }),
    tasks: useTasks(store).status,
    task: useTask(store, 7),
    viewers: useViewers(presence, 7),
    typing: useTyping(presence, 7),
  };
  return createElement('pre', null, JSON.stringify(shown));
}

it('on a server the hooks render what a page begins with, and open nothing', async () => {
  const fetched = jest.spyOn(globalThis, 'fetch');
  const html = renderToString(createElement(StrictMode, null, createElement(All)));
  await new Promise((resolve) => void setImmediate(resolve));
  expect(JSON.parse(html.replace(/<.*?>/g, '').replaceAll('&quot;', '"'))).toEqual({
    connection: false,
    opened: false,
    state: 'connecting',
    events: [],
    tasks: 'loading',
    task: { isPending: false },
    viewers: [],
    typing: [],
  });
  expect(token).not.toHaveBeenCalled();
  expect(open).not.toHaveBeenCalled();
  expect(fetched).not.toHaveBeenCalled();
  fetched.mockRestore();
});
