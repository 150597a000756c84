import { BoardSession } from './board-session.ts';
import { BoardView } from './board-view.ts';
import { FramePanel } from './frame-panel.ts';
import { addressOf, identityOf } from './identity.ts';
import type { Identity } from './identity.ts';
import { pageElement } from './page-element.ts';
import type { ConnectionState } from './task-stream.ts';

const CONNECTION_TEXTS: Readonly<Record<ConnectionState, string>> = {
  connecting: 'Connecting',
  live: 'Live',
  reconnecting: 'Reconnecting',
  ended: 'Ended',
};

const connection = pageElement('connection', HTMLElement);
const connectionDetail = pageElement('connection-detail', HTMLElement);
const problem = pageElement('problem', HTMLElement);
const problemText = pageElement('problem-text', HTMLElement);
const board = pageElement('board', HTMLElement);
const identityForm = pageElement('identity', HTMLFormElement);
const user = pageElement('user', HTMLInputElement);
const workspace = pageElement('workspace', HTMLInputElement);
const admin = pageElement('admin', HTMLInputElement);
const secondTab = pageElement('second-tab', HTMLAnchorElement);
const createForm = pageElement('create', HTMLFormElement);
const taskName = pageElement('task-name', HTMLInputElement);
const isPrivate = pageElement('task-private', HTMLInputElement);
const frames = new FramePanel();

let session: BoardSession;

function showState(state: ConnectionState, detail?: string): void {
  connection.dataset['state'] = state;
  connection.textContent = CONNECTION_TEXTS[state];
  connectionDetail.textContent = detail ?? '';
  connectionDetail.hidden = detail === undefined;
}

function showProblem(text: string | undefined): void {
  problem.hidden = text === undefined;
  problemText.textContent = text ?? '';
}

/** Fills in who the page is, and offers a second tab as somebody else of the same workspace. */
function showIdentity(identity: Identity): void {
  user.value = identity.user;
  workspace.value = identity.workspace;
  admin.checked = identity.admin;
  const other = identity.user === 'bob' ? 'alice' : 'bob';
  secondTab.href = addressOf({ user: other, workspace: identity.workspace, admin: false });
  secondTab.textContent = `Open a tab as ${other}`;
  document.title = `${identity.user} · Taskwire`;
}

function startSession(identity: Identity): BoardSession {
  showIdentity(identity);
  showProblem(undefined);
  frames.clear();
  const started = new BoardSession({
    identity,
    createView: (actions) =>
      new BoardView({ element: board, identity, actions, focusWithoutCards: () => taskName.focus() }),
    frames,
    onState: showState,
    onProblem: showProblem,
  });
  started.open();
  return started;
}

identityForm.addEventListener('submit', (event) => {
  event.preventDefault();
  const identity = { user: user.value, workspace: workspace.value, admin: admin.checked };
  history.replaceState(undefined, '', addressOf(identity));
  session.close();
  session = startSession(identity);
});

async function createTask(): Promise<void> {
  const name = taskName.value;
  const done = await session.create({ name, visibility: isPrivate.checked ? 'private' : 'workspace' });
  // What was typed meanwhile is the next task.
  if (done && taskName.value === name) taskName.value = '';
}

createForm.addEventListener('submit', (event) => {
  event.preventDefault();
  void createTask();
});

pageElement('dismiss', HTMLButtonElement).addEventListener('click', () => showProblem(undefined));

// A page that the browser keeps for "back" must not hold a connection, and goes on where it was when it is shown again.
window.addEventListener('pagehide', () => session.pause());
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) session.open();
});

session = startSession(identityOf(location.search));
