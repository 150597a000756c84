import { useSyncExternalStore } from 'react';
import type { OidcSettings } from '../../protocol/page-settings.ts';
import { Notice } from './notice.tsx';
import { Session } from './session.tsx';
import { signInSession } from './sign-in-session.ts';

/** The page of a stage with an issuer. */
export function SignedInApp({ settings }: { readonly settings: OidcSettings }) {
  const session = signInSession(settings);
  const state = useSyncExternalStore(session.subscribe, session.getSnapshot);
  if (state.kind === 'unknown') return <Notice title="Taskwire" status="Signing in…" />;
  if (state.kind === 'signed-out') {
    return (
      <Notice title="Taskwire" text={state.reason}>
        <button className="primary" type="button" onClick={() => void session.signIn()}>
          Sign in
        </button>
      </Notice>
    );
  }
  const { identity, token } = state;
  return (
    <Session
      identity={identity}
      token={token}
      onSignIn={session.beginSignIn}
      account={
        <div id="signed-in" className="account">
          <span>
            <strong>{identity.name ?? identity.user}</strong> in {identity.workspace}
            {identity.admin && ' (admin)'}
          </span>
          <button type="button" onClick={() => void session.signOut()}>
            Sign out
          </button>
        </div>
      }
    />
  );
}
