import type { ReactNode } from "react";
import styles from "./Badge.module.css";

interface BadgeProps {
  readonly tone?: "plain" | "good" | "warn" | "bad" | "accent";
  readonly children: ReactNode;
}

/** A one-word state. */
export function Badge({ tone = "plain", children }: BadgeProps) {
  return <span className={`${styles.badge} ${styles[tone]}`}>{children}</span>;
}
