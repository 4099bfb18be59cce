import type { ReactNode } from "react";
import styles from "./Disclosure.module.css";
import { Icon } from "./Icon";

interface DisclosureProps {
  readonly title: string;
  /** What is set inside, in words, for while it is folded. */
  readonly summary?: string;
  readonly testId?: string;
  readonly children: ReactNode;
}

/** A part of a form that is folded away until it is wanted. */
export function Disclosure({ title, summary, testId, children }: DisclosureProps) {
  return (
    <details className={styles.disclosure}>
      <summary className={styles.summary} data-testid={testId}>
        <Icon name="right" />
        {title}
        {summary && <span className={styles.words}>{summary}</span>}
      </summary>
      <div className={styles.inside}>{children}</div>
    </details>
  );
}
