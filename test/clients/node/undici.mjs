/** The EventSource of Node itself, behind --experimental-eventsource. */
import { asked, follow, request, started } from './driver.mjs';

started(process.versions.undici);
const source = new EventSource(request.urlWithToken);
follow(source);
await asked();
process.exit();
