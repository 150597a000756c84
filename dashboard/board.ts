import type { ConnectionState, ConnectionStatus, TokenProvider } from '../client/index.ts';
import { OidcClient, SignIn } from '../client/sign-in/index.ts';
import { BoardSession } from './board-session.ts';
import { BoardView } from './board-view.ts';
import { FramePanel } from './frame-panel.ts';
import type { Identity } from './identity.ts';
import { signedInIdentity } from './identity.ts';
import { NewTaskForm } from './new-task-form.ts';
import { pageElement } from './page-element.ts';
import type { OidcSettings } from '../protocol/page-settings.ts';
import { loadSettings } from './page-settings.ts';
import { SignInPanel } from './sign-in-panel.ts';
import { SwitchPanel } from './switch-panel.ts';
import { switchedTokens } from './switched-tokens.ts';

const connectionTexts: Readonly<Record<ConnectionState | 'signed-out', string>> = {
  connecting: 'Connecting',
  live: 'Live',
  recovering: 'Reconnecting',
  offline: 'Offline',
  denied: 'Ended',
  'signed-out': 'Signed out',
};

const connection = pageElement('connection', HTMLElement);
const connectionDetail = pageElement('connection-detail', HTMLElement);
const problem = pageElement('problem', HTMLElement);
const problemText = pageElement('problem-text', HTMLElement);
const board = pageElement('board', HTMLElement);
const newTask = new NewTaskForm(async (fields, key) => (await session?.create(fields, key)) !== undefined);
const frames = new FramePanel();

/** Undefined while nobody is signed in. */
let session: BoardSession | undefined;

function showStatus({ state, message }: ConnectionStatus | { state: 'signed-out'; message?: string }): void {
  connection.dataset['state'] = state;
  connection.textContent = connectionTexts[state];
  connectionDetail.textContent = message ?? '';
  connectionDetail.hidden = message === undefined;
}

function showProblem(text: string | undefined): void {
  problem.hidden = text === undefined;
  problemText.textContent = text ?? '';
}

function startSession(identity: Identity, token: TokenProvider): void {
  endSession();
  document.title = `${identity.name ?? identity.user} · Taskwire`;
  newTask.show();
  session = new BoardSession({
    token,
    createView: (actions) =>
      new BoardView({ element: board, identity, actions, focusWithoutCards: () => newTask.focus() }),
    frames,
    onStatus: showStatus,
    onProblem: showProblem,
  });
}

/** Leaves nothing of a user on the page. */
function endSession(): void {
  session?.close();
  session = undefined;
  newTask.hide();
  board.replaceChildren();
  frames.clear();
  showProblem(undefined);
  document.title = 'Taskwire';
}

/** Lets the user be whomever they say, as on the local stack. */
function startSwitch(): void {
  const panel = new SwitchPanel((identity) => startSession(identity, switchedTokens(identity)));
  panel.start();
}

async function startSignIn(settings: OidcSettings): Promise<void> {
  const showSignedOut = (reason?: string): void => {
    endSession();
    showStatus({ state: 'signed-out' });
    panel.showSignedOut(reason);
  };
  const signIn = new SignIn({
    client: new OidcClient(settings, `${location.origin}/`),
    storage: sessionStorage,
    onReturn: (address) => location.assign(address),
    onEnded: (reason) => showSignedOut(`Your sign-in has ended. ${reason}`),
  });
  const panel = new SignInPanel({
    onSignIn: async () => location.assign(await signIn.begin()),
    onSignOut: async () => {
      showSignedOut();
      location.assign(await signIn.signOut());
    },
  });
  const query = new URLSearchParams(location.search);
  // A code is good for once, and what is in the address gets into the history and bookmarks.
  history.replaceState(undefined, '', '/');
  try {
    const user = await signIn.user(query);
    if (user === undefined) return showSignedOut();
    const identity = signedInIdentity(user.claims, settings);
    panel.showSignedIn(identity);
    startSession(identity, user.token);
  } catch (error) {
    showSignedOut((error as Error).message);
  }
}

async function start(): Promise<void> {
  try {
    const settings = await loadSettings();
    if (settings.signIn === 'switch') return startSwitch();
    if (settings.signIn === 'oidc') return await startSignIn(settings);
    const message = 'This stage has no sign-in for the page: its setting identity.clientId is missing.';
    showStatus({ state: 'denied', message });
  } catch (error) {
    showStatus({ state: 'denied', message: (error as Error).message });
  }
}

pageElement('dismiss', HTMLButtonElement).addEventListener('click', () => showProblem(undefined));

void start();
