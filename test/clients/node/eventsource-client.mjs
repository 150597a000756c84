/** npm `eventsource-client`, on `eventsource-parser`. */
import { createEventSource } from 'eventsource-client';
import { asked, message, request, started, stopped, versionOf } from './driver.mjs';

started(versionOf('eventsource-client'));
const source = createEventSource({
  url: request.url,
  headers: { authorization: `Bearer ${request.token}` },
  onMessage: ({ event, id, data }) => message(event, id, data),
  // It tells nobody of a status, and repeats what was refused.
  async fetch(url, init) {
    const response = await fetch(url, init);
    if (response.status !== 200) {
      stopped(response.status);
      if (response.status !== 204) source.close();
    }
    return response;
  },
});
await asked();
process.exit();
