import type { ReactNode } from "react";
import { messageOf, RequestFailed } from "@/api/problem";
import { Button, buttonClass } from "./Button";
import { Icon } from "./Icon";
import styles from "./Notice.module.css";

interface NoticeProps {
  readonly tone: "warn" | "bad";
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
  readonly testId?: string;
}

/** Something failed or needs attention: what happened, and one action. */
export function Notice({ tone, title, children, actions, testId }: NoticeProps) {
  return (
    <div
      className={`${styles.notice} ${styles[tone]}`}
      role={tone === "bad" ? "alert" : "status"}
      data-testid={testId}
    >
      <Icon name="warning" />
      <div className={styles.words}>
        <strong>{title}</strong>
        {children && <div className={styles.detail}>{children}</div>}
      </div>
      {actions && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}

/** Replaces content that could not be loaded. */
export function LoadFailed({ error, onRetry }: { readonly error: unknown; readonly onRetry: () => void }) {
  const title = error instanceof RequestFailed ? error.problem.title : "This could not be loaded";
  const detail = messageOf(error);
  // What is not there will not come back by asking again.
  const isMissing = error instanceof RequestFailed && [403, 404, 422].includes(error.status);
  return (
    <Notice
      tone="bad"
      title={title}
      actions={
        <>
          <Button onClick={onRetry}>Try again</Button>
          {isMissing && (
            <a href="/" className={buttonClass()}>
              All projects
            </a>
          )}
        </>
      }
      testId="load-failed"
    >
      {detail !== title && detail}
    </Notice>
  );
}
