import { connect } from '@taskwire/client';

const url = process.env.TASKWIRE_URL ?? 'http://localhost:8788';

// For development. Your backend knows who its users are, and where they get their tokens.
async function token() {
  const body = JSON.stringify({ sub: 'alice' });
  const response = await fetch(`${url}/issuer/token`, { method: 'POST', body });
  return (await response.json()).token;
}

const connection = connect({ url, token });
connection.on('status', ({ state, message = '' }) => console.log(state, message));
connection.on('task', (event) => console.log(event.type, JSON.stringify(event)));

// Ctrl-C tells the server, which would notice later.
process.once('SIGINT', () => connection.close());
