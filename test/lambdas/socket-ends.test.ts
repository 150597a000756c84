import type { OpenSocket } from '../../core/push/socket.ts';
import { SocketEnds } from '../../lambdas/shared/web-socket/socket-ends.ts';

const socket: OpenSocket = {
  socket: 'L0SM9cOFvHcCIhw=',
  id: 'c1',
  principal: { workspace: 'acme', user: 'ana', admin: false },
  connectedAt: 0,
  expiresAt: 1,
};

/** Everything that is done to a socket, in its order. */
const done: unknown[][] = [];
const troubles: string[] = [];
let atGateway: () => Promise<boolean>;
let atTable: () => Promise<void>;

const ends = new SocketEnds({
  sockets: {
    send: (id, text) => {
      done.push(['send', id, text]);
      return atGateway();
    },
    end: (id) => {
      done.push(['end', id]);
      return atGateway();
    },
  },
  openSockets: {
    remove: (id) => {
      done.push(['socket item', id]);
      return atTable();
    },
  },
  subscribers: {
    remove: ({ socket: id, principal }) => {
      done.push(['subscriber item', principal.workspace, id]);
      return atTable();
    },
  },
  connections: {
    remove: ({ workspace, user, id }) => {
      done.push(['connection item', workspace, user, id]);
      return atTable();
    },
  },
  observer: { trouble: (what) => troubles.push(what) },
});

beforeEach(() => {
  done.length = 0;
  troubles.length = 0;
  atGateway = () => Promise.resolve(true);
  atTable = () => Promise.resolve();
});

const forgotten = [
  ['socket item', socket.socket],
  ['subscriber item', 'acme', socket.socket],
];
const ended = [
  ...forgotten,
  ['send', socket.socket, '{"event":"end","data":{"reason":"token_expired","reconnect":false}}'],
  ['end', socket.socket],
  ['connection item', 'acme', 'ana', 'c1'],
];

describe('the end of a WebSocket', () => {
  it('takes away what is served and pushed, tells it, closes it and forgets it, in this order', async () => {
    await ends.end(socket, 'token_expired');
    expect(done).toEqual(ended);
    expect(troubles).toEqual([]);
  });

  it('is the same, without trouble, where it is gone', async () => {
    atGateway = () => Promise.resolve(false);
    await ends.end(socket, 'token_expired');
    expect(done).toEqual(ended);
    expect(troubles).toEqual([]);
  });

  it('is trouble where API Gateway refuses, and forgets it all the same', async () => {
    atGateway = () => Promise.reject(new Error('refused'));
    await ends.end(socket, 'token_expired');
    expect(done).toEqual(ended);
    expect(troubles).toHaveLength(2);
  });

  it('fails where the table does, before anything is told', async () => {
    atTable = () => Promise.reject(new Error('no table'));
    await expect(ends.end(socket, 'token_expired')).rejects.toThrow('no table');
    expect(done).toEqual(forgotten.slice(0, 1));
  });

  it('that came by itself is forgotten, and nothing is sent', async () => {
    await ends.forget(socket);
    expect(done).toEqual([...forgotten, ended.at(-1)]);
  });
});
