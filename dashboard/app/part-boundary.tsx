import { Component } from 'react';
import type { ReactNode } from 'react';

export interface PartBoundaryProps {
  /** What the part is, at the beginning of a sentence. */
  readonly name: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/**
 * Keeps the board where a part that is loaded on demand fails: its code cannot be had without a network, nor after a deploy
 * has replaced the page.
 */
export class PartBoundary extends Component<PartBoundaryProps, { readonly error: Error | undefined }> {
  override state: { readonly error: Error | undefined } = { error: undefined };

  static getDerivedStateFromError(error: Error): { readonly error: Error } {
    return { error };
  }

  override render(): ReactNode {
    const { name, onClose, children } = this.props;
    if (this.state.error === undefined) return children;
    return (
      <section className="part-failure" role="alert">
        <p>
          <strong>{name} cannot be shown.</strong> Close this and try again when there is a network. If that
          does not help, load the page again.
        </p>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </section>
    );
  }
}
