import type { SentFrame } from '../recent-frames.ts';
import type { MetricsView, OperatorsView } from '../view.ts';
import { showAlarms, showCharts } from './charts-panel.ts';
import { order } from './order.ts';
import { showConnections } from './connections-panel.ts';
import { showFaults } from './faults-panel.ts';
import { showFrames } from './frames-panel.ts';
import { followLog } from './log-panel.ts';
import { partOfPage } from './part-of-page.ts';

/** How often the page asks what is new, milliseconds. */
const askMs = 1000;

/** How many times it asks until it asks for the metrics too, which have a value a minute. */
const metricsEvery = 5;

/** How many frames the page keeps. */
const mostFrames = 200;

let frames: readonly SentFrame[] = [];
/** What the stack showed last: where it begins anew, it is another one. */
let lastNumber = 0;

async function read<View>(path: string): Promise<View> {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`the stack answered ${response.status}`);
  return (await response.json()) as View;
}

async function ask(): Promise<void> {
  const view = await read<OperatorsView>(`view?frames=${lastNumber}`);
  // Two questions may be under way, one of them after an order.
  const fresh = view.frames.filter(({ number }) => number > lastNumber);
  lastNumber = fresh.at(-1)?.number ?? lastNumber;
  frames = [...fresh.toReversed(), ...frames].slice(0, mostFrames);
  showConnections(view);
  showFrames(frames);
  showFaults(view, (path, body) => order(path, body).then(ask));
}

async function askForMetrics(): Promise<void> {
  const metrics = await read<MetricsView>('metrics');
  showAlarms(metrics);
  showCharts(metrics);
}

async function follow(): Promise<never> {
  const state = partOfPage('state');
  for (let asked = 0; ; asked += 1) {
    try {
      await ask();
      if (asked % metricsEvery === 0) await askForMetrics();
      state.textContent = 'live';
      state.dataset['state'] = 'live';
    } catch (error) {
      // A stack that was started again counts from 1.
      lastNumber = 0;
      frames = [];
      state.textContent = `not reachable: ${(error as Error).message}`;
      state.dataset['state'] = 'broken';
    }
    await new Promise((resolve) => setTimeout(resolve, askMs));
  }
}

followLog();
void follow();
