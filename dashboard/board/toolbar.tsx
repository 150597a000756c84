import { useState } from 'react';
import { useWriteObstacle } from '../app/board-context.ts';
import { CreateDialog } from '../task/create-dialog.tsx';

/** Over the columns: what is done with the board as a whole. */
export function Toolbar() {
  const obstacle = useWriteObstacle();
  const [isCreating, setIsCreating] = useState(false);
  return (
    <div className="toolbar">
      <button
        className="primary"
        type="button"
        disabled={obstacle !== undefined}
        title={obstacle}
        onClick={() => setIsCreating(true)}
      >
        New task
      </button>
      <CreateDialog isOpen={isCreating} onOpenChange={setIsCreating} />
    </div>
  );
}
