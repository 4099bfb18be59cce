import type { ReactNode } from "react";
import { createPortal } from "react-dom";
import { create } from "zustand";

/** The top bar belongs to the shell; a page puts its own chips (saved state, help) into it from afar. */
const useSlot = create<{ readonly element: HTMLElement | null }>(() => ({ element: null }));

function setElement(element: HTMLElement | null): void {
  useSlot.setState({ element });
}

export function TopBarSlotTarget({ className }: { readonly className: string }) {
  return <div className={className} ref={setElement} data-testid="topbar-slot" />;
}

export function TopBarSlot({ children }: { readonly children: ReactNode }) {
  const element = useSlot((slot) => slot.element);
  return element ? createPortal(children, element) : null;
}
