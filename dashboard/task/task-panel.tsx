import { useEffect, useState } from 'react';
import type { Task } from '../../client/index.ts';
import { useTask, useTasks } from '../../client/react/index.ts';
import { useBoard, useWriteObstacle } from '../app/board-context.ts';
import { ChoiceFields } from './choice-fields.tsx';
import { History } from './history.tsx';
import type { LostTaskProps } from './lost-task.tsx';
import { LostTask } from './lost-task.tsx';
import { TaskFacts } from './task-facts.tsx';
import { TextForm } from './text-form.tsx';
import type { KeptEdits } from './use-text-edits.ts';
import { useTextEdits } from './use-text-edits.ts';

export interface TaskPanelProps extends KeptEdits {
  readonly id: number;
}

/** All of a task; what is said in its place where it is not there. */
export function TaskPanel({ id, edits, onChange }: TaskPanelProps) {
  const { store, presence } = useBoard();
  const { task } = useTask(store, id);
  const [wasThere, setWasThere] = useState(task !== undefined);
  const isThere = task !== undefined;
  if (isThere && !wasThere) setWasThere(true);
  useEffect(() => {
    if (!isThere) return undefined;
    presence?.setTask(id);
    return () => presence?.setTask(undefined);
  }, [presence, id, isThere]);
  if (task === undefined) return <AbsentTask id={id} wasThere={wasThere} edits={edits} />;
  return <PresentTask task={task} edits={edits} onChange={onChange} />;
}

function AbsentTask(props: LostTaskProps) {
  const { store } = useBoard();
  const { status, error } = useTasks(store);
  if (status === 'failed') return <p role="alert">The tasks cannot be loaded. {error?.message}</p>;
  if (status === 'loading') return <p>Loading…</p>;
  return <LostTask {...props} />;
}

interface PresentTaskProps extends KeptEdits {
  readonly task: Task;
}

function PresentTask({ task, edits, onChange }: PresentTaskProps) {
  const { connection } = useBoard();
  const obstacle = useWriteObstacle();
  const editing = useTextEdits(task, { edits, onChange });
  return (
    <>
      {obstacle !== undefined && (
        <p role="status" className="problem">
          Nothing can be saved now. {obstacle}
        </p>
      )}
      <TextForm task={task} editing={editing} />
      <ChoiceFields task={task} />
      <TaskFacts task={task} />
      {connection !== undefined && <History connection={connection} id={task.id} />}
    </>
  );
}
