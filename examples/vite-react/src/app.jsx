import { useEffect, useState } from 'react';
import { connect } from '@taskwire/client';

async function token() {
  const body = JSON.stringify({ sub: 'alice' });
  const response = await fetch('/issuer/token', { method: 'POST', body });
  return (await response.json()).token;
}

export function App() {
  const [status, setStatus] = useState({ state: 'connecting' });
  const [events, setEvents] = useState([]);

  useEffect(() => {
    const connection = connect({ url: 'http://localhost:8788', token });
    connection.on('status', setStatus);
    connection.on('task', (event) => setEvents((earlier) => [...earlier, event]));
    return () => connection.close();
  }, []);

  return (
    <>
      <p>
        The stream is <output>{status.state}</output>. {status.message}
      </p>
      <ol>
        {events.map((event, index) => (
          <li key={index}>
            {event.type}: {event.task?.name ?? event.taskId}
          </li>
        ))}
      </ol>
    </>
  );
}
