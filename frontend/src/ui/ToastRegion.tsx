import { useEffect } from "react";
import { Button, IconButton } from "./Button";
import { Icon } from "./Icon";
import styles from "./ToastRegion.module.css";
import { dismissToast, type Toast, useToasts } from "./toasts";

/** Short messages, announced by screen readers as they appear. */
export function ToastRegion() {
  const toasts = useToasts((store) => store.toasts);
  return (
    <section className={styles.region} aria-live="polite" aria-label="Notifications">
      {toasts.map((toast) => (
        <ToastCard key={toast.id} toast={toast} />
      ))}
    </section>
  );
}

function ToastCard({ toast }: { readonly toast: Toast }) {
  useEffect(() => {
    const timer = setTimeout(() => dismissToast(toast.id), toast.milliseconds);
    return () => clearTimeout(timer);
  }, [toast.id, toast.milliseconds]);
  const { action } = toast;
  return (
    <div className={`${styles.toast} ${toast.tone === "bad" ? styles.bad : ""}`} data-testid="toast">
      <span>{toast.message}</span>
      {action && (
        <Button
          tone="quiet"
          className={styles.action ?? ""}
          onClick={() => {
            dismissToast(toast.id);
            action.run();
          }}
        >
          {action.label}
        </Button>
      )}
      <IconButton label="Dismiss" onClick={() => dismissToast(toast.id)}>
        <Icon name="close" size={14} />
      </IconButton>
    </div>
  );
}
