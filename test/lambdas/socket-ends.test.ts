import type { OpenSocket } from '../../core/push/socket.ts';
import { SocketEnds } from '../../lambdas/shared/web-socket/socket-ends.ts';
import { VirtualClock } from '../core/virtual-clock.ts';

const socket: OpenSocket = {
  socket: 'L0SM9cOFvHcCIhw=',
  id: 'c1',
  principal: { workspace: 'acme', user: 'ana', admin: false },
  connectedAt: new VirtualClock().now() - 5000,
  expiresAt: 1,
};

/** Everything that is done to a socket, in its order. */
const done: unknown[][] = [];
const troubles: string[] = [];
/** What the observer heard of ends. */
const heard: unknown[][] = [];
const clock = new VirtualClock();
let atGateway: () => Promise<boolean>;
let atTable: () => Promise<void>;
/** Why somebody else has ended it already. */
let endedBefore: 'revoked' | undefined;

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
    markEnded: async (id, reason) => {
      done.push(['socket ends', id]);
      await atTable();
      return endedBefore ?? reason;
    },
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
  observer: {
    ended: (id, transport, { reason, afterMs }) => heard.push([id, transport, reason, afterMs]),
    trouble: (what) => troubles.push(what),
  },
  clock,
});

beforeEach(() => {
  done.length = 0;
  heard.length = 0;
  troubles.length = 0;
  atGateway = () => Promise.resolve(true);
  atTable = () => Promise.resolve();
  endedBefore = undefined;
});

const connectionItem = ['connection item', 'acme', 'ana', 'c1'];
const socketItem = ['socket item', socket.socket];
const subscriberItem = ['subscriber item', 'acme', socket.socket];
const endFrame = (reason: string): string =>
  `{"event":"end","data":{"reason":"${reason}","reconnect":false}}`;
/** All but the last, which is for whoever is closed. */
const ending = (reason: string): unknown[][] => [
  ['socket ends', socket.socket],
  subscriberItem,
  ['send', socket.socket, endFrame(reason)],
  ['end', socket.socket],
  connectionItem,
];

describe('the end of a WebSocket', () => {
  it('takes away what is served and pushed, tells it, closes it and forgets it, in this order', async () => {
    await ends.end(socket, 'token_expired');
    expect(done).toEqual([...ending('token_expired'), socketItem]);
    expect(troubles).toEqual([]);
    expect(heard).toEqual([['c1', 'socket', 'token_expired', 5000]]);
  });

  it('is for the reason that somebody gave first', async () => {
    endedBefore = 'revoked';
    await ends.end(socket, 'token_expired');
    expect(done).toEqual([...ending('revoked'), socketItem]);
    expect(heard).toEqual([]);
  });

  it('is the same, without trouble, where it is gone', async () => {
    atGateway = () => Promise.resolve(false);
    await ends.end(socket, 'token_expired');
    expect(done).toEqual([...ending('token_expired'), socketItem]);
    expect(troubles).toEqual([]);
  });

  it('is trouble where API Gateway refuses; its item says why for as long as the connection may last', async () => {
    atGateway = () => Promise.reject(new Error('refused'));
    await ends.end(socket, 'token_expired');
    expect(done).toEqual(ending('token_expired'));
    expect(troubles).toHaveLength(2);
  });

  it('fails where the table does, before anything is told', async () => {
    atTable = () => Promise.reject(new Error('no table'));
    await expect(ends.end(socket, 'token_expired')).rejects.toThrow('no table');
    expect(done).toEqual([['socket ends', socket.socket]]);
  });

  it('that came by itself is forgotten, and nothing is sent', async () => {
    await ends.forget(socket);
    expect(done).toEqual([socketItem, subscriberItem, connectionItem]);
    expect(heard).toEqual([['c1', 'socket', 'disconnected', 5000]]);
  });

  it('is counted once, also where it could not be closed and goes later', async () => {
    await ends.forget({ ...socket, ended: 'revoked' });
    expect(done).toHaveLength(3);
    expect(heard).toEqual([]);
  });

  it('is none for one that was not let in', async () => {
    await ends.withdraw(socket);
    expect(done).toHaveLength(3);
    expect(heard).toEqual([]);
  });
});
