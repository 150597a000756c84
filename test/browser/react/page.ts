import type { ReactElement } from 'react';
import { createElement, StrictMode } from 'react';
import type { Root } from 'react-dom/client';
import { createRoot } from 'react-dom/client';
import { createPresence } from '../../../client/presence/index.ts';
import type { TokenOrNone, UseTaskEventsOptions } from '../../../client/react/index.ts';
import * as taskwire from '../../../client/react/index.ts';
import { createTaskStore } from '../../../client/store/index.ts';

/** What a test gives a component. */
export interface Props {
  readonly name: string;
  readonly token?: string | null;
  /** Whose tokens a function gives, in place of one token. */
  readonly by?: string;
  readonly options?: UseTaskEventsOptions;
  /** The task that is open. */
  readonly taskId?: number;
}

/** What a test looks at. */
export interface Observed {
  /** Each render of the events: the name that it was given, and what it showed. */
  readonly shown: (readonly [name: string, events: readonly taskwire.ReceivedEvent[]])[];
  /** How often each component has rendered. */
  readonly renders: Record<string, number>;
}

declare global {
  function freshToken(user: string): Promise<string>;
  var observed: Observed;
  var show: (component: keyof typeof components, props: Props) => void;
  var unmount: () => void;
  var type: (taskId: number) => void;
}

function tokenOf({ token, by }: Props): TokenOrNone {
  // Another function with each render, as an arrow in a component is.
  return by === undefined ? token : () => freshToken(by);
}

function count(name: string): void {
  observed.renders[name] = (observed.renders[name] ?? 0) + 1;
}

function Events(props: Props): ReactElement {
  const events = taskwire.useTaskEvents(tokenOf(props), props.options);
  observed.shown.push([props.name, events]);
  return createElement('pre', { id: 'events' }, JSON.stringify(events));
}

function Board(props: Props): ReactElement {
  const connection = taskwire.useConnection(tokenOf(props), props.options);
  const store = taskwire.useOpened(connection && (() => createTaskStore(connection)), [connection]);
  count('board');
  return createElement(
    'main',
    null,
    createElement(Status, { connection }),
    createElement(Tasks, { store }),
    createElement(OneTask, { store, id: 7 }),
    createElement(OneTask, { store, id: 9 }),
  );
}

function Status({ connection }: { connection: Parameters<typeof taskwire.useConnectionStatus>[0] }) {
  count('status');
  return createElement('output', null, taskwire.useConnectionStatus(connection).state);
}

function Tasks({ store }: { store: Parameters<typeof taskwire.useTasks>[0] }) {
  const { status, tasks } = taskwire.useTasks(store);
  count('tasks');
  return createElement('pre', { id: 'tasks' }, `${status} ${tasks.map(({ name }) => name).join()}`);
}

function OneTask({ store, id }: { store: Parameters<typeof taskwire.useTask>[0]; id: number }) {
  const { task, isPending } = taskwire.useTask(store, id);
  count(`task ${id}`);
  return createElement('pre', { id: `task-${id}` }, `${task?.name}${isPending ? ' pending' : ''}`);
}

function Room(props: Props): ReactElement {
  const connection = taskwire.useConnection(tokenOf(props), { ...props.options, presence: true });
  const { transport } = props.options ?? {};
  const presence = taskwire.useOpened(connection && (() => createPresence(connection, { transport })), [
    connection,
    transport,
  ]);
  presence?.setTask(props.taskId);
  globalThis.type = (taskId) => presence?.typing(taskId);
  const viewers = taskwire.useViewers(presence);
  const atTask = taskwire.useViewers(presence, props.taskId ?? 0);
  const typing = taskwire.useTyping(presence, props.taskId ?? 0);
  const shown = {
    viewers: viewers.map(({ userId, state }) => `${userId} ${state}`),
    atTask: atTask.map(({ userId }) => userId),
    typing,
  };
  return createElement('pre', { id: 'room' }, JSON.stringify(shown));
}

const components = { Events, Board, Room };
let root: Root | undefined;
globalThis.observed = { shown: [], renders: {} };
globalThis.show = (component, props) => {
  root ??= createRoot(document.body.appendChild(document.createElement('div')));
  root.render(createElement(StrictMode, null, createElement(components[component], props)));
};
globalThis.unmount = () => {
  root?.unmount();
  root = undefined;
};
