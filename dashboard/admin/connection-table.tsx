import { Avatar } from '../presence/avatar.tsx';
import type { OpenConnection } from './use-open-connections.ts';

export interface ConnectionTableProps {
  readonly connections: readonly OpenConnection[];
  /** Of this page; undefined while it has none. */
  readonly ownId: string | undefined;
  readonly ownUser: string;
  readonly onEnd: (connection: OpenConnection) => void;
}

const timeFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** The open connections, each with a button that ends it. */
export function ConnectionTable({ connections, ownId, ownUser, onEnd }: ConnectionTableProps) {
  return (
    <ul className="connection-list">
      {connections.map((each) => (
        <li key={each.id} data-connection={each.id}>
          <Avatar user={each.userId} />
          <div>
            <p>
              <strong dir="auto">{each.userId}</strong>
              {ownMark(each, ownId, ownUser)}
            </p>
            <p className="connection-facts">
              since{' '}
              <time dateTime={new Date(each.connectedAt).toISOString()}>
                {timeFormat.format(each.connectedAt)}
              </time>
              <span title={each.id}> · {each.id.slice(0, 8)}</span>
            </p>
          </div>
          <button
            type="button"
            aria-label={`End ${each.userId}, ${each.id.slice(0, 8)}`}
            onClick={() => onEnd(each)}
          >
            End
          </button>
        </li>
      ))}
    </ul>
  );
}

function ownMark({ id, userId }: OpenConnection, ownId: string | undefined, ownUser: string) {
  if (id === ownId) return <span className="own-mark">this page</span>;
  return userId === ownUser ? <span className="own-mark">yours</span> : undefined;
}
