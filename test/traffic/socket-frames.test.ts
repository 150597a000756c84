import { TestStack } from '../end-to-end/stack.ts';
import type { ReceivedSocketFrame } from '../../faults/board/follower.ts';
import { SocketClient } from '../socket-client.ts';
import { takeMismatches } from './watch.ts';

const alice = { sub: 'alice', workspace: 'frames' };

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start();
});
afterAll(() => stack.close());

describe('what a WebSocket tells who asks where it is', () => {
  it('is in docs/asyncapi.json, frame by frame', async () => {
    const { body } = await stack.request(alice, 'GET', '/tasks');
    await stack.request(alice, 'POST', '/tasks', { name: 'x' });
    await stack.request(alice, 'PATCH', '/tasks/1', { status: 'done' });
    // When a stream tells it, the log has it.
    const stream = await stack.connect(alice, { lastEventId: body.streamCursor as string });
    await stream.until(() => stream.events.length >= 3);
    const token = await stack.local.issuer.sign(alice);
    const client = await SocketClient.open(`ws://localhost:${stack.local.port}/ws?token=${token}`);
    const frames: ReceivedSocketFrame[] = [];
    const ask = async (message: object, last: string): Promise<void> => {
      client.send(JSON.stringify(message));
      do frames.push((await client.nextJson()) as ReceivedSocketFrame);
      while (frames.at(-1)!.event !== last);
    };
    await ask({ action: 'subscribe', subscription: '1', cursor: body.streamCursor, tasks: [1] }, 'live');
    await ask({ action: 'resume', subscription: '1', cursor: 'none' }, 'live');
    await ask({ action: 'ping', subscription: '1', cursor: stream.cursor }, 'ping');
    await ask({ action: 'ping', subscription: 'other', cursor: stream.cursor }, 'error');
    await client.close();
    const told = frames.map(({ event, data }) => (event === 'message' ? data.type : event) as string);
    expect(told).toEqual([
      'connection.established',
      'resume',
      'task.created',
      'task.status_changed',
      'task.updated',
      'live',
      'resume',
      'live',
      'ping',
      'error',
    ]);
    expect(takeMismatches()).toEqual([]);
  });
});
