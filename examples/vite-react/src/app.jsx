import { useTaskEvents } from '@taskwire/client/react';

async function token() {
  const body = JSON.stringify({ sub: 'alice' });
  const response = await fetch('/issuer/token', { method: 'POST', body });
  return (await response.json()).token;
}

export function App() {
  // The first event of a stream is that it has begun.
  const events = useTaskEvents(token, { url: 'http://localhost:8788' });

  return (
    <>
      <p>
        <output>{events.length === 0 ? 'connecting' : 'live'}</output>
      </p>
      <ol>
        {events.map((event, index) => (
          <li key={index}>
            {event.type}: {event.task?.name ?? event.taskId ?? event.userId}
          </li>
        ))}
      </ol>
    </>
  );
}
