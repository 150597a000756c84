import { memo } from 'react';
import type { Task } from '../../client/index.ts';
import { MoveMenu } from './move-menu.tsx';

/** One task on the board. */
export const Card = memo(function Card({ task }: { readonly task: Task }) {
  const { id, name, created_by: creator, version, visibility } = task;
  return (
    <article className="card" data-task={id}>
      <p className="name" dir="auto">
        {name}
      </p>
      <div className="line">
        <p className="facts">
          #{id} · {creator ?? 'unknown'} · v{version}
          {visibility === 'private' && <span className="private">Private</span>}
        </p>
        <MoveMenu task={task} />
      </div>
    </article>
  );
});
