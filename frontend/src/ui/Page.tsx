import type { ReactNode } from "react";
import styles from "./Page.module.css";

interface PageProps {
  readonly title: string;
  /** One line below the title. */
  readonly facts?: string;
  /** Actions, to the right of the title. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  readonly testId?: string;
}

/** The frame of an ordinary page: title, actions, content. */
export function Page({ title, facts, actions, children, testId }: PageProps) {
  return (
    <div className={styles.page} data-testid={testId}>
      <header className={styles.header}>
        <div>
          <h1>{title}</h1>
          {facts !== undefined && <p className={styles.facts}>{facts}</p>}
        </div>
        {actions}
      </header>
      {children}
    </div>
  );
}
