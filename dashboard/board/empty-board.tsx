import { useWriteObstacle } from '../app/board-context.ts';

/** What to do with a board that has no task. */
export function EmptyBoard() {
  const obstacle = useWriteObstacle();
  return (
    <p className="empty-board">
      <strong>No tasks yet.</strong>{' '}
      {obstacle === undefined && (
        <>
          Press <kbd>n</kbd> or New task.
        </>
      )}
    </p>
  );
}
