import { CSPProvider } from '@base-ui/react/csp-provider';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import type { PageSettings } from '../../protocol/page-settings.ts';
import { Toasts } from '../toasts/toasts.tsx';
import { FailureBoundary } from './failure-boundary.tsx';
import { Notice } from './notice.tsx';
import { loadSettings } from './page-settings.ts';
import { SignedInApp } from './signed-in-app.tsx';
import { SwitchedApp } from './switched-app.tsx';

/** The page: the board of whoever uses it, found out as the stage's settings say. */
export function App() {
  const [settings, setSettings] = useState<PageSettings | Error>();
  useEffect(() => {
    void loadSettings().then(setSettings, setSettings);
  }, []);
  return (
    // The page's CSP takes no style elements.
    <CSPProvider disableStyleElements>
      <FailureBoundary instead={loadAgain}>
        <Toasts>
          {settings === undefined ? (
            <Notice title="Taskwire" status="Loading…" />
          ) : (
            <Page settings={settings} />
          )}
        </Toasts>
      </FailureBoundary>
    </CSPProvider>
  );
}

function Page({ settings }: { readonly settings: PageSettings | Error }) {
  if (settings instanceof Error) {
    return (
      <Notice title="This page cannot start" text={settings.message}>
        <LoadAgain />
      </Notice>
    );
  }
  if (settings.signIn === 'switch') return <SwitchedApp />;
  if (settings.signIn === 'oidc') return <SignedInApp settings={settings} />;
  return (
    <Notice
      title="Nobody can sign in here"
      text="This stage has no sign-in for the page: its setting identity.clientId is missing."
    />
  );
}

/** In the place of a page that has failed. */
function loadAgain(error: Error): ReactNode {
  return (
    <Notice
      title="This page has to be loaded again"
      text={`There may be a new version of it, or it has a fault. (${error.message})`}
    >
      <LoadAgain />
    </Notice>
  );
}

function LoadAgain() {
  return (
    <button className="primary" type="button" onClick={() => location.reload()}>
      Load it again
    </button>
  );
}
