import type { ReactNode } from "react";
import styles from "./HiddenWords.module.css";

/** Words that a screen reader reads and nobody sees. */
export function HiddenWords({ children }: { readonly children: ReactNode }) {
  return <span className={styles.hidden}>{children}</span>;
}
