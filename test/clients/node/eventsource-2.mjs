/** npm `eventsource` 2, which most older code has. */
import EventSource from 'eventsource-2';
import { asked, controlEvents, follow, message, request, started, stopped, versionOf } from './driver.mjs';

started(versionOf('eventsource-2'));
if (request.isBare) {
  follow(new EventSource(request.urlWithToken));
} else {
  open('');
}
await asked();
process.exit();

/**
 * It keeps half a frame over a reconnect and puts the next one behind it, and takes the id of a frame before the frame is
 * whole. So each connection gets an EventSource of its own, and the id of the last whole message.
 */
function open(cursor) {
  let last = cursor;
  const source = new EventSource(request.urlWithToken, last ? { headers: { 'Last-Event-ID': last } } : {});
  const show = ({ type, lastEventId, data }) => {
    last = lastEventId;
    message(type, lastEventId, data);
  };
  for (const type of ['message', ...controlEvents]) source.addEventListener(type, show);
  source.addEventListener('error', ({ status }) => {
    const isFinal = source.readyState === 2 || (status !== undefined && status < 500);
    source.close();
    if (isFinal) stopped(status);
    else setTimeout(open, source.reconnectInterval, last);
  });
}
