import { useMemo, useState } from 'react';
import { addressOf, identityOf } from './identity.ts';
import { Session } from './session.tsx';
import { switchedTokens } from './switched-tokens.ts';
import { UserSwitch } from './user-switch.tsx';

/** The page of a local stack, whose user is whomever they say. The page's address keeps it. */
export function SwitchedApp() {
  const [identity, setIdentity] = useState(() => identityOf(location.search));
  const token = useMemo(() => switchedTokens(identity), [identity]);
  return (
    <Session
      // Leaves nothing of a user on the page.
      key={addressOf(identity)}
      identity={identity}
      token={token}
      account={
        <UserSwitch
          identity={identity}
          onSwitch={(next) => {
            history.replaceState(undefined, '', addressOf(next));
            setIdentity(next);
          }}
        />
      }
    />
  );
}
