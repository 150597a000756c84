import { Component } from 'react';
import type { ReactNode } from 'react';
import { Notice } from './notice.tsx';

export interface FailureBoundaryProps {
  readonly children: ReactNode;
}

/**
 * Says what to do where a part of the page fails: a fault of ours, or a script that is not there any more, since a deploy has
 * replaced the page while it was open.
 */
export class FailureBoundary extends Component<FailureBoundaryProps, { readonly error: Error | undefined }> {
  override state: { readonly error: Error | undefined } = { error: undefined };

  static getDerivedStateFromError(error: Error): { readonly error: Error } {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return (
      <Notice
        title="This page has to be loaded again"
        text={`There may be a new version of it, or it has a fault. (${error.message})`}
      >
        <button className="primary" type="button" onClick={() => location.reload()}>
          Load it again
        </button>
      </Notice>
    );
  }
}
