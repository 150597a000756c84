import type { Task } from '../../client/index.ts';
import type { TaskFields } from '../../client/store/index.ts';
import { useBoard, useWriteObstacle } from '../app/board-context.ts';
import { columnOf, columnTitles, fieldsToMove } from '../board/columns.ts';
import { AssigneesField } from './assignees-field.tsx';
import { ColumnField } from './column-field.tsx';
import { FlagFields } from './flag-fields.tsx';
import { MeanwhileNote } from './meanwhile-note.tsx';
import { sharingObstacle } from './rights.ts';
import type { TaskFlags } from './task-draft.ts';
import { useChoices } from './use-choices.ts';

/** What is chosen of a task rather than typed; each choice is saved at once. */
export function ChoiceFields({ task }: { readonly task: Task }) {
  const { identity } = useBoard();
  const isDisabled = useWriteObstacle() !== undefined;
  const { choose, error, conflict, keepMine, takeTheirs } = useChoices(task);
  const noSharing = sharingObstacle(task, identity);
  const flags = {
    blocked: task.blocked,
    agent: task.assigned_to_agent,
    private: task.visibility === 'private',
  };
  return (
    <div className="fields">
      <ColumnField
        value={columnOf(task)}
        onChange={(column) => choose(fieldsToMove(task, column))}
        isDisabled={isDisabled}
      />
      <FlagFields
        flags={flags}
        onChange={(change) => choose(fieldsOfFlags(change))}
        isDisabled={isDisabled}
        noSharing={noSharing}
      />
      <AssigneesField
        value={task.assignees}
        onChange={(assignees) => choose({ assignees })}
        isDisabled={isDisabled}
        reason={noSharing}
      />
      {conflict !== undefined && (
        <MeanwhileNote
          writer={conflict.current.updated_by}
          user={identity.user}
          theirs={describeChoice(conflict.current, conflict.mine)}
          onKeep={keepMine}
          onTake={takeTheirs}
        />
      )}
      {error !== undefined && (
        <p role="alert" className="problem">
          Not saved: {error}
        </p>
      )}
    </div>
  );
}

function fieldsOfFlags({ blocked, agent, private: isPrivate }: Partial<TaskFlags>): TaskFields {
  return {
    ...(blocked !== undefined && { blocked }),
    ...(agent !== undefined && { assigned_to_agent: agent }),
    ...(isPrivate !== undefined && { visibility: isPrivate ? 'private' : 'workspace' }),
  };
}

/** What a task is in those things that the user wanted to set. */
function describeChoice(task: Task, mine: TaskFields = {}): string {
  const said = [
    'status' in mine && `it is in ${columnTitles[columnOf(task)]}`,
    'assignees' in mine && `it is for ${task.assignees.join(', ') || 'nobody'}`,
    'blocked' in mine && (task.blocked ? 'it is blocked' : 'it is not blocked'),
    'assigned_to_agent' in mine && (task.assigned_to_agent ? 'it is for an agent' : 'it is for no agent'),
    'visibility' in mine && (task.visibility === 'private' ? 'it is private' : 'everybody sees it'),
  ];
  return said.filter(Boolean).join(', ');
}
