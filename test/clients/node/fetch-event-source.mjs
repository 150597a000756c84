/** npm `@microsoft/fetch-event-source`, with what it wants of a browser. */
import { asked, message, request, started, stopped, versionOf } from './driver.mjs';

globalThis.window = globalThis;
globalThis.document = { hidden: false, addEventListener() {}, removeEventListener() {} };
const { fetchEventSource } = await import('@microsoft/fetch-event-source');

class Refused extends Error {}
let last;

started(versionOf('@microsoft/fetch-event-source'));
fetchEventSource(request.url, {
  headers: { authorization: `Bearer ${request.token}` },
  openWhenHidden: true,
  async onopen({ status }) {
    if (status !== 200) throw new Refused(status);
  },
  onmessage({ event, id, data }) {
    last = id;
    message(event, id, data);
  },
  // An end is an end to it, unless this throws.
  onclose() {
    throw new Error('the session has ended');
  },
  onerror(error) {
    if (error instanceof Refused) throw error;
  },
  // It takes the id of a frame before the frame is whole: the id of the last whole message goes over it.
  ...(!request.isBare && {
    fetch: (url, { headers, ...init }) =>
      fetch(url, { ...init, headers: last === undefined ? headers : { ...headers, 'last-event-id': last } }),
  }),
}).catch((error) => stopped(error.message));
await asked();
process.exit();
