// What a page does for presence, with what browsers have: it says how it is seen whenever that changes, by `fetch`, and that
// it closes by a beacon, which has no headers. `report` is the test's.

let options;

async function post(path, body) {
  const { status } = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${options.token}` },
    body: JSON.stringify(body),
  });
  return status;
}

function say(taskId = options.taskId) {
  options.taskId = taskId;
  const { viewId, lease } = options;
  const state = document.visibilityState === 'visible' ? 'active' : 'hidden';
  return post('/presence', { viewId, state, taskId, lease });
}

document.addEventListener('visibilitychange', () => {
  if (options) void say();
});

addEventListener('pagehide', () => {
  const { viewId, token } = options;
  navigator.sendBeacon('/presence', JSON.stringify({ viewId, state: 'left', token }));
});

function followStream() {
  const source = new EventSource(`/sse/connect?presence=true&token=${options.token}`);
  source.addEventListener('message', ({ data, lastEventId }) => report(data, lastEventId));
}

function followSocket() {
  const address = `${location.origin.replace('http', 'ws')}/ws`;
  const socket = new WebSocket(address, ['taskwire', `bearer.${options.token}`]);
  socket.addEventListener('open', () => socket.send(JSON.stringify({ action: 'subscribe', presence: true })));
  socket.addEventListener('message', ({ data }) => {
    const frame = JSON.parse(data);
    if (frame.event === 'message') report(JSON.stringify(frame.data), frame.id ?? '');
  });
}

function begin(given) {
  options = given;
  if (options.transport === 'stream') followStream();
  if (options.transport === 'socket') followSocket();
}

// What the test calls.
Object.assign(globalThis, { begin, say, post });
