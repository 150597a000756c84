/** npm `eventsource`, the current one. */
import { EventSource } from 'eventsource';
import { asked, follow, request, started, versionOf } from './driver.mjs';

started(versionOf('eventsource'));
const source = new EventSource(request.urlWithToken);
follow(source);
await asked();
process.exit();
