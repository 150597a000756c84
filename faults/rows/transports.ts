import type { Replica } from '../board/replica.ts';
import type { Injection } from '../matrix/row.ts';

/** The clients that follow over event streams: what only a stream has is asked of them alone. */
export function streamsOf(injection: Pick<Injection, 'boards'>): readonly Replica[] {
  return clientsOf(injection).filter(({ transport }) => transport === 'stream');
}

/** The clients that follow over WebSockets. */
export function socketsOf(injection: Pick<Injection, 'boards'>): readonly Replica[] {
  return clientsOf(injection).filter(({ transport }) => transport === 'socket');
}

function clientsOf({ boards }: Pick<Injection, 'boards'>): readonly Replica[] {
  return boards.flatMap(({ replicas }) => replicas);
}
