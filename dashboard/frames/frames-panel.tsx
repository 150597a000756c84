import { Dialog } from '@base-ui/react/dialog';
import { useId } from 'react';
import { useBoard } from '../app/board-context.ts';
import { useMediaQuery } from '../app/use-media-query.ts';
import { FramesView } from './frames-view.tsx';

/** The frames beside the board; on a phone over it. */
export function FramesPanel({ onClose }: { readonly onClose: () => void }) {
  const isNarrow = useMediaQuery('(width < 48rem)');
  const { frames } = useBoard();
  const titleId = useId();
  if (frames === undefined) return undefined;
  if (isNarrow) {
    return (
      <Dialog.Root open onOpenChange={onClose}>
        <Dialog.Portal>
          <Dialog.Backdrop className="backdrop" />
          <Dialog.Popup className="dialog frames-sheet">
            <header className="frames-header">
              <Dialog.Title>Frames</Dialog.Title>
              <Dialog.Close className="icon-button" aria-label="Close frames">
                ×
              </Dialog.Close>
            </header>
            <FramesView log={frames} />
          </Dialog.Popup>
        </Dialog.Portal>
      </Dialog.Root>
    );
  }
  return (
    <section className="frames-panel" id="frames-panel" aria-labelledby={titleId}>
      <header className="frames-header">
        <h2 id={titleId}>Frames</h2>
        <button type="button" className="icon-button" aria-label="Close frames" onClick={onClose}>
          ×
        </button>
      </header>
      <FramesView log={frames} />
    </section>
  );
}
