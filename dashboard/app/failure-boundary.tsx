import { Component } from 'react';
import type { ReactNode } from 'react';

export interface FailureBoundaryProps {
  readonly children: ReactNode;
  /** What is shown in the place of what has failed. */
  readonly instead: (error: Error) => ReactNode;
}

/**
 * Shows something else where a part of the page fails: by a fault of ours, or since its script is not to be had, without a
 * network or after a deploy has replaced the page while it was open.
 */
export class FailureBoundary extends Component<FailureBoundaryProps, { readonly error: Error | undefined }> {
  override state: { readonly error: Error | undefined } = { error: undefined };

  static getDerivedStateFromError(error: Error): { readonly error: Error } {
    return { error };
  }

  override render(): ReactNode {
    const { children, instead } = this.props;
    return this.state.error === undefined ? children : instead(this.state.error);
  }
}
