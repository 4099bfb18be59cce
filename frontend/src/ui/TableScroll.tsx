import type { ReactNode } from "react";
import styles from "./TableScroll.module.css";

interface TableScrollProps {
  /** What the table tells, for screen readers. */
  readonly label: string;
  readonly children: ReactNode;
}

/** A table that scrolls by itself, also by keyboard, where it does not fit. */
export function TableScroll({ label, children }: TableScrollProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls with the arrow keys.
    <figure className={styles.scroll} aria-label={label} tabIndex={0}>
      {children}
    </figure>
  );
}
