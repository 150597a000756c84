import type { SentFrame } from '../recent-frames.ts';
import type { OperatorsView } from '../view.ts';
import { order } from './order.ts';
import { showConnections } from './connections-panel.ts';
import { showFaults } from './faults-panel.ts';
import { showFrames } from './frames-panel.ts';
import { followLog } from './log-panel.ts';
import { partOfPage } from './part-of-page.ts';

/** How often the page asks what is new, milliseconds. */
const askMs = 1000;

/** How many frames the page keeps. */
const mostFrames = 200;

let frames: readonly SentFrame[] = [];
/** What the stack showed last: where it begins anew, it is another one. */
let lastNumber = 0;

async function ask(): Promise<void> {
  const response = await fetch(`view?frames=${lastNumber}`);
  if (!response.ok) throw new Error(`the stack answered ${response.status}`);
  const view = (await response.json()) as OperatorsView;
  lastNumber = view.frames.at(-1)?.number ?? lastNumber;
  frames = [...view.frames.toReversed(), ...frames].slice(0, mostFrames);
  showConnections(view);
  showFrames(frames);
  showFaults(view, (path, body) => order(path, body).then(ask));
}

async function follow(): Promise<never> {
  const state = partOfPage('state');
  for (;;) {
    try {
      await ask();
      state.textContent = 'live';
      state.dataset['state'] = 'live';
    } catch (error) {
      // A stack that was started again counts from 1.
      lastNumber = 0;
      state.textContent = `not reachable: ${(error as Error).message}`;
      state.dataset['state'] = 'broken';
    }
    await new Promise((resolve) => setTimeout(resolve, askMs));
  }
}

followLog();
void follow();
