import { useState } from 'react';
import type { ReactNode } from 'react';
import { useWriteObstacle } from '../app/board-context.ts';
import { HelpDialog } from '../keys/help-dialog.tsx';
import { useShortcutSetting } from '../keys/use-shortcut-setting.ts';
import { useShortcuts } from '../keys/use-shortcuts.ts';
import { CreateDialog } from '../task/create-dialog.tsx';

export interface ToolbarProps {
  readonly onSearch: () => void;
  /** Search and filters. */
  readonly children: ReactNode;
}

/** Over the columns: what is done with the board as a whole. */
export function Toolbar({ onSearch, children }: ToolbarProps) {
  const obstacle = useWriteObstacle();
  const [isCreating, setIsCreating] = useState(false);
  const [isHelping, setIsHelping] = useState(false);
  const [areShortcutsOn, setShortcutsOn] = useShortcutSetting();
  const create = (): void => {
    if (obstacle === undefined) setIsCreating(true);
  };
  useShortcuts({ n: create, '/': onSearch, '?': () => setIsHelping(true) }, areShortcutsOn);
  return (
    <div className="toolbar">
      <button
        className="primary"
        type="button"
        aria-keyshortcuts="n"
        disabled={obstacle !== undefined}
        title={obstacle}
        onClick={create}
      >
        New task
      </button>
      {children}
      <button
        type="button"
        className="icon-button help-button"
        aria-label="Keys"
        onClick={() => setIsHelping(true)}
      >
        ?
      </button>
      <CreateDialog isOpen={isCreating} onOpenChange={setIsCreating} />
      <HelpDialog
        isOpen={isHelping}
        onOpenChange={setIsHelping}
        areShortcutsOn={areShortcutsOn}
        onShortcutsChange={setShortcutsOn}
      />
    </div>
  );
}
