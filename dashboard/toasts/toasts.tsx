import { Toast } from '@base-ui/react/toast';
import type { ReactNode } from 'react';
import type { NoticeAction } from './use-toasts.ts';

/** Shows what the page tells its user, in a corner. */
export function Toasts({ children }: { readonly children: ReactNode }) {
  return (
    <Toast.Provider limit={5}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className="toasts">
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function ToastList() {
  const { toasts, close } = Toast.useToastManager<{ readonly actions: readonly NoticeAction[] }>();
  return toasts.map((toast) => (
    <Toast.Root key={toast.id} toast={toast} className="toast" data-type={toast.type}>
      <Toast.Content className="toast-content">
        <Toast.Title className="toast-title" dir="auto" />
        <div className="toast-actions">
          {toast.data?.actions.map(({ label, onClick }) => (
            <button
              key={label}
              type="button"
              onClick={() => {
                onClick();
                close(toast.id);
              }}
            >
              {label}
            </button>
          ))}
        </div>
        <button
          type="button"
          className="icon-button"
          aria-label="Dismiss"
          // Not Toast.Close, which is hidden from assistive technology until the pointer is on the notice.
          onClick={() => close(toast.id)}
        >
          ×
        </button>
      </Toast.Content>
    </Toast.Root>
  ));
}
