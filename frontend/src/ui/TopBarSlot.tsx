import type { ReactNode } from "react";
import { createPortal } from "react-dom";
import { create } from "zustand";

/** Renders a page's own chips (saved state, help) into the top bar, which belongs to the shell. */
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
