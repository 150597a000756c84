import { Dialog } from '@base-ui/react/dialog';

const keys: readonly (readonly [keys: readonly string[], does: string])[] = [
  [['n'], 'A new task'],
  [['/'], 'Search'],
  [['?'], 'This help'],
  [['Enter'], 'On a card: opens it'],
  [['Space'], 'On the handle of a card: takes it, and drops it'],
  [['←', '→'], 'While a card is taken: the column before, the next one'],
  [['Esc'], 'Closes what is open; leaves a card where it was; clears the search'],
];

export interface HelpDialogProps {
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  readonly areShortcutsOn: boolean;
  readonly onShortcutsChange: (areOn: boolean) => void;
}

/** What the keys do. */
export function HelpDialog({ isOpen, onOpenChange, areShortcutsOn, onShortcutsChange }: HelpDialogProps) {
  return (
    <Dialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="dialog help">
          <Dialog.Title>Keys</Dialog.Title>
          <dl className="keys">
            {keys.map(([names, does]) => (
              <div key={does}>
                <dt>
                  {names.map((name) => (
                    <kbd key={name}>{name}</kbd>
                  ))}
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
          <label className="check">
            <input
              type="checkbox"
              checked={areShortcutsOn}
              onChange={({ target }) => onShortcutsChange(target.checked)}
            />
            Use the single keys n, / and ?
          </label>
          <div className="buttons">
            <Dialog.Close className="primary">Close</Dialog.Close>
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
