import type { Viewer } from '../../protocol/awareness.ts';
import { paths } from '../../protocol/routes.ts';
import type { Board, ClientOptions } from '../board/board.ts';
import { Onlooker, pictureOf } from '../board/onlooker.ts';
import type { Replica } from '../board/replica.ts';
import type { Injection } from '../matrix/row.ts';
import { callApi } from '../writes/api.ts';

/** A client of a board that is told of other users too. */
export interface Watcher {
  readonly board: Board;
  readonly replica: Replica;
  readonly onlooker: Onlooker;
}

/** What is said of a user is told within this time, milliseconds. Source: docs/PROTOCOL.md. */
export const toldMs = 1000;

/** Opens one more client of a user, which is told of other users too. */
export function watch(board: Board, sub: string, more: ClientOptions = {}): Watcher {
  const onlooker = new Onlooker(more.transport === 'socket');
  return { board, onlooker, replica: board.join(sub, { ...more, onlooker }) };
}

/** Waits until all of them have heard something; those that have not in time are past their bound. */
export async function expectTold(
  injection: Injection,
  watchers: readonly Watcher[],
  what: string,
  isTold: (onlooker: Onlooker) => boolean,
  boundMs = toldMs,
): Promise<void> {
  const began = Date.now();
  await Promise.all(
    watchers.map(async ({ replica, onlooker, board }) => {
      const { user, transport } = replica;
      const isInTime = await injection.until(replica, () => isTold(onlooker), boundMs);
      injection.medians.note(`being told by a ${transport}`, { most: boundMs }, Date.now() - began);
      if (isInTime) return;
      const shown = onlooker.picture;
      injection.pastBound.push(
        `${board.workspace}: ${user.sub} was not told by a ${transport} that ${what}, and sees ${shown}`,
      );
    }),
  );
}

/**
 * Compares the picture of each client with what its user is answered who asks who is there. To be asked when nobody is gone
 * without a word: whoever asks makes others hear of it.
 */
export async function expectSamePictures(
  injection: Injection,
  watchers: readonly Watcher[],
  boundMs = toldMs,
): Promise<void> {
  await Promise.all(
    [...Map.groupBy(watchers, ({ board, replica }) => `${board.workspace} ${replica.user.sub}`).values()].map(
      async (ofUser) => {
        const [{ board, replica }] = ofUser as [Watcher];
        const token = board.token(replica.user.sub);
        const { status, body } = await callApi(injection.stack.local.url, token, 'GET', paths.presence);
        if (status !== 200) {
          injection.failures.push(`GET /presence was answered ${status}`);
          return;
        }
        const { viewers = [] } = body as { readonly viewers?: readonly Viewer[] };
        const picture = pictureOf(viewers);
        const isSame = (onlooker: Onlooker): boolean => onlooker.picture === picture;
        await expectTold(injection, ofUser, `there are: ${picture}`, isSame, boundMs);
      },
    ),
  );
}

/** What nobody may be told, and frames that may not come as they came. */
export function judgeOnlookers({ failures }: Injection, watchers: readonly Watcher[]): void {
  for (const { board, replica, onlooker } of watchers) {
    const { user, transport } = replica;
    const who = `${board.workspace}: ${user.sub}, by a ${transport}`;
    failures.push(...onlooker.violations.map((what) => `${who}: ${what}`));
    const leaked = [...onlooker.heardOf].filter((id) => !board.ledger.everVisible(id, user));
    for (const id of leaked) failures.push(`leaked to ${who}: somebody is at task ${id}`);
  }
}
