import { useId, useRef } from 'react';
import { useViewers } from '../../client/react/index.ts';
import { useBoard } from '../app/board-context.ts';
import { Avatar } from '../presence/avatar.tsx';

/** How many of those who are here are offered. */
const most = 8;

export interface AssigneesFieldProps {
  readonly value: readonly string[];
  readonly onChange: (assignees: readonly string[]) => void;
  readonly isDisabled?: boolean;
  /** Why the user may not change them. */
  readonly reason?: string | undefined;
}

/** To whom a task is given: users by their ids, added and removed one by one. */
export function AssigneesField({ value, onChange, isDisabled = false, reason }: AssigneesFieldProps) {
  const inputId = useId();
  const input = useRef<HTMLInputElement>(null);
  const isOff = isDisabled || reason !== undefined;
  const add = (): void => {
    if (input.current === null || !input.current.reportValidity()) return;
    const user = input.current.value.trim();
    input.current.value = '';
    if (user !== '' && !value.includes(user)) onChange([...value, user]);
  };
  return (
    <div className="field">
      <label className="field-label" htmlFor={inputId}>
        Assignees
      </label>
      {value.length > 0 && (
        <ul className="assignees">
          {value.map((user) => (
            <li key={user} className="assignee">
              <Avatar user={user} />
              <bdi>{user}</bdi>
              <button
                type="button"
                className="icon-button"
                aria-label={`Remove ${user}`}
                disabled={isOff}
                onClick={() => {
                  onChange(value.filter((other) => other !== user));
                  input.current?.focus();
                }}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
      <div className="adding">
        <input
          ref={input}
          id={inputId}
          placeholder="User id"
          maxLength={128}
          pattern="[!-~]+"
          title="Letters, digits and signs without spaces"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          disabled={isOff}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.ctrlKey || event.metaKey || event.currentTarget.value === '')
              return;
            event.preventDefault();
            add();
          }}
          onBlur={({ currentTarget }) => {
            if (currentTarget.value !== '' && currentTarget.checkValidity()) add();
          }}
        />
        <button type="button" disabled={isOff} onClick={add}>
          Assign
        </button>
        {!isOff && <Offers taken={value} onChoose={(user) => onChange([...value, user])} />}
      </div>
    </div>
  );
}

interface OffersProps {
  readonly taken: readonly string[];
  readonly onChoose: (user: string) => void;
}

/** Those who are here, to be chosen without typing. */
function Offers({ taken, onChoose }: OffersProps) {
  const { presence, identity } = useBoard();
  const here = new Set([identity.user, ...useViewers(presence).map(({ userId }) => userId)]);
  const offered = [...here].filter((user) => !taken.includes(user)).slice(0, most);
  return offered.map((user) => (
    <button
      key={user}
      type="button"
      className="chip"
      // What is half typed in the field is not taken for an id on the way here.
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => onChoose(user)}
    >
      + <bdi>{user}</bdi>
    </button>
  ));
}
