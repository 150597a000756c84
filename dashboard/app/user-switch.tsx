import { Popover } from '@base-ui/react/popover';
import { useState } from 'react';
import { formText } from './form-text.ts';
import { addressOf } from './identity.ts';
import type { Identity } from './identity.ts';

export interface UserSwitchProps {
  readonly identity: Identity;
  readonly onSwitch: (identity: Identity) => void;
}

/** Who the page is, and the form that makes it somebody else. */
export function UserSwitch({ identity, onSwitch }: UserSwitchProps) {
  const [isOpen, setIsOpen] = useState(false);
  const other = identity.user === 'bob' ? 'alice' : 'bob';
  const switchTo = (form: FormData): void => {
    setIsOpen(false);
    onSwitch({
      user: formText(form, 'user'),
      workspace: formText(form, 'workspace'),
      admin: form.has('admin'),
    });
  };
  return (
    <Popover.Root open={isOpen} onOpenChange={setIsOpen}>
      <Popover.Trigger className="account" id="account">
        <strong>{identity.user}</strong> in {identity.workspace}
        {identity.admin && ' (admin)'}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner className="positioner" sideOffset={6} align="end">
          <Popover.Popup className="popup">
            <Popover.Title className="popup-title">Who you are</Popover.Title>
            <form action={switchTo} className="fields" aria-label="Who you are">
              <label>
                User
                <input
                  name="user"
                  defaultValue={identity.user}
                  required
                  maxLength={128}
                  pattern="[!-~]+"
                  title="Letters, digits and signs without spaces"
                  autoComplete="off"
                  autoCapitalize="none"
                  spellCheck={false}
                />
              </label>
              <label>
                Workspace
                <input
                  name="workspace"
                  defaultValue={identity.workspace}
                  required
                  maxLength={64}
                  pattern="[A-Za-z0-9_.\-]+"
                  title="Letters, digits, _ . and -"
                  autoComplete="off"
                  autoCapitalize="none"
                  spellCheck={false}
                />
              </label>
              <label className="check">
                <input name="admin" type="checkbox" defaultChecked={identity.admin} /> Admin
              </label>
              <button className="primary" type="submit">
                Switch
              </button>
              <a
                href={addressOf({ user: other, workspace: identity.workspace, admin: false })}
                target="_blank"
                rel="noopener"
              >
                Open a tab as {other}
              </a>
            </form>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
