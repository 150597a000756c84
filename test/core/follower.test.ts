import type { ReceivedSocketFrame, Said } from '../../faults/board/follower.ts';
import { followers } from '../client/package-follower.ts';

type Wish = { readonly cursor?: string; readonly status?: string };

/** A client, with what it has said and told. */
function clientOf(follower: (typeof followers)[number][1]): {
  readonly said: readonly (Said & Wish)[];
  readonly told: readonly ReceivedSocketFrame[];
  readonly subscribe: (wish: Wish) => void;
  readonly receive: (frame: Partial<ReceivedSocketFrame>) => void;
} {
  const said: (Said & Wish)[] = [];
  const told: ReceivedSocketFrame[] = [];
  const example = follower<Wish>(
    (message) => said.push(message),
    (frame) => told.push(frame),
  );
  const take = (frame: Partial<ReceivedSocketFrame>): void =>
    example.receive({ subscription: said.at(-1)!.subscription, ...frame } as ReceivedSocketFrame);
  return { said, told, subscribe: (wish) => example.subscribe(wish), receive: take };
}

const established = { event: 'message', data: { type: 'connection.established' } } as const;
const created = { event: 'message', data: { type: 'task.created' } } as const;

describe.each(followers)('the client %s that begins with a cursor of before', (_, follower) => {
  const client = (): ReturnType<typeof clientOf> => clientOf(follower);

  it('hears that it cannot go on from there', () => {
    const { said, told, subscribe, receive } = client();
    subscribe({ cursor: 'of before' });
    expect(said).toMatchObject([{ action: 'subscribe', cursor: 'of before' }]);
    receive({ ...established, id: 'now', place: [4, 0, 0] });
    const data = { complete: false, reason: 'rights_changed' };
    receive({ event: 'resume', id: 'now', place: [4, 0, 0], given: 'of before', data });
    expect(told.map(({ event }) => event)).toEqual(['message', 'resume']);
  });

  it('goes on from where it is when it has to subscribe again, with all that it wished', () => {
    const { said, told, subscribe, receive } = client();
    subscribe({ cursor: 'of before', status: 'done' });
    receive({ ...established, id: 'of before', place: [3, 0, 0] });
    receive({ ...created, id: 'later', place: [3, 0, 1], after: [3, 0, 0] });
    receive({ event: 'error', data: { code: 'subscription_unknown' } });
    expect(said.at(-1)).toMatchObject({ action: 'subscribe', cursor: 'later', status: 'done' });
    expect(told).toHaveLength(2);
  });

  it('asks where it is when another log has taken the place of its own, and drops what is late of the old one', () => {
    const { said, told, subscribe, receive } = client();
    subscribe({});
    receive({ ...established, id: 'a', log: 'old', place: [9, 0, 0] });
    receive({ event: 'live', id: 'a', log: 'old', place: [9, 0, 0], after: [9, 0, 0], data: {} });
    // As numbers the places of the new log seem to be told, or to come next.
    receive({ ...created, id: 'n3', log: 'new', place: [3, 0, 0], after: [1, 0, 0] });
    receive({ ...created, id: 'n10', log: 'new', place: [10, 0, 0], after: [8, 0, 0] });
    expect(told).toHaveLength(1);
    expect(said.at(-1)).toMatchObject({ action: 'resume', cursor: 'a' });
    const data = { complete: false, reason: 'unknown_cursor' };
    receive({ event: 'resume', id: 'n9', log: 'new', place: [9, 0, 0], given: 'a', data });
    receive({ event: 'live', id: 'n9', log: 'new', place: [9, 0, 0], after: [9, 0, 0], data: {} });
    receive({ ...created, id: 'b', log: 'old', place: [11, 0, 0], after: [9, 0, 0] });
    expect(told.map(({ id }) => id)).toEqual(['a', 'n9', 'n10']);
    expect(said).toHaveLength(2);
  });
});
