import { Toast } from '@base-ui/react/toast';
import type { ReactNode } from 'react';

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
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    <Toast.Root key={toast.id} toast={toast} className="toast" data-type={toast.type}>
      <Toast.Content className="toast-content">
        <Toast.Title className="toast-title" />
        <Toast.Description className="toast-description" />
        <Toast.Action className="toast-action" />
        <Toast.Close className="icon-button" aria-label="Dismiss">
          ×
        </Toast.Close>
      </Toast.Content>
    </Toast.Root>
  ));
}
