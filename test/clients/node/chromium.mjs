/** The EventSource of the machine's Chromium. */
import { launchBrowser } from '../../browser/browser.ts';
import { asked, controlEvents, message, request, started, stopped } from './driver.mjs';

const browser = await launchBrowser();
const page = await browser.newPage();
await page.exposeFunction('message', message);
await page.exposeFunction('stopped', stopped);
// Any page of the same origin: there is nothing at this path.
await page.goto(new URL('/nothing', request.url).href);
started(browser.version());
await page.evaluate(
  ([url, events]) => {
    // Calls of exposed functions are asynchronous, and may overtake each other.
    let order = Promise.resolve();
    const source = new EventSource(url);
    for (const type of events) {
      source.addEventListener(type, ({ lastEventId, data }) => {
        order = order.then(() => globalThis.message(type, lastEventId, data));
      });
    }
    source.addEventListener('error', () => {
      if (source.readyState === EventSource.CLOSED) order = order.then(() => globalThis.stopped('closed'));
    });
  },
  [request.urlWithToken, ['message', ...controlEvents]],
);
await asked();
await browser.close();
process.exit();
