import { useWriteObstacle } from '../app/board-context.ts';

export interface MeanwhileNoteProps {
  /** Who has changed it. */
  readonly writer: string | null;
  /** Whose board it is. */
  readonly user: string;
  /** What it is now. */
  readonly theirs: string;
  readonly onKeep: () => void;
  readonly onTake: () => void;
}

/** Says that somebody else has changed what the user was about to replace, and asks which of both it is to be. */
export function MeanwhileNote({ writer, user, theirs, onKeep, onTake }: MeanwhileNoteProps) {
  const isOwn = writer === user;
  const obstacle = useWriteObstacle();
  return (
    <div className="meanwhile" role="group" aria-label="Changed meanwhile">
      <p role="status" dir="auto">
        {isOwn ? 'You changed this elsewhere meanwhile:' : `${writer ?? 'Somebody'} changed this meanwhile:`}
      </p>
      <blockquote dir="auto">{theirs === '' ? '(nothing)' : theirs}</blockquote>
      <div className="buttons">
        <button type="button" disabled={obstacle !== undefined} title={obstacle} onClick={onKeep}>
          {isOwn ? 'Keep this one' : 'Keep mine'}
        </button>
        <button type="button" onClick={onTake}>
          {takeLabel(writer, isOwn)}
        </button>
      </div>
    </div>
  );
}

function takeLabel(writer: string | null, isOwn: boolean): string {
  if (isOwn) return 'Take the other';
  return writer === null ? 'Take theirs' : `Take ${writer}’s`;
}
