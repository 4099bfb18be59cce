/** Short messages, for example that an action failed or can be undone. */
import { create } from "zustand";

export interface Toast {
  readonly id: number;
  readonly message: string;
  readonly tone: "plain" | "bad";
  readonly action?: { readonly label: string; readonly run: () => void };
  readonly milliseconds: number;
}

interface ToastStore {
  readonly toasts: readonly Toast[];
  readonly show: (toast: Omit<Toast, "id">) => number;
  readonly dismiss: (id: number) => void;
}

const MOST_AT_ONCE = 3;
let lastId = 0;

export const useToasts = create<ToastStore>((set) => ({
  toasts: [],
  show: (toast) => {
    lastId += 1;
    const id = lastId;
    set(({ toasts }) => ({ toasts: [...toasts, { ...toast, id }].slice(-MOST_AT_ONCE) }));
    return id;
  },
  dismiss: (id) => set(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) })),
}));

export function showToast(message: string, action?: Toast["action"]): number {
  const toast = { message, tone: "plain" as const, milliseconds: 5000 };
  return useToasts.getState().show(action ? { ...toast, action } : toast);
}

export function showFailure(message: string): number {
  return useToasts.getState().show({ message, tone: "bad", milliseconds: 8000 });
}

export function dismissToast(id: number): void {
  useToasts.getState().dismiss(id);
}
