import type { ReactNode } from "react";
import styles from "./EmptyState.module.css";
import { Icon, type IconName } from "./Icon";

interface EmptyStateProps {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ReactNode;
  /** The one action offered. */
  readonly action?: ReactNode;
  /** There is nothing else on the page, so that its title is the page's. */
  readonly alone?: boolean;
  readonly testId?: string;
}

export function EmptyState({ icon, title, children, action, alone = false, testId }: EmptyStateProps) {
  const Title = alone ? "h1" : "h2";
  return (
    <div className={styles.empty} data-testid={testId}>
      <span className={styles.icon}>
        <Icon name={icon} size={24} />
      </span>
      <Title className={styles.title}>{title}</Title>
      {children && <p className={styles.text}>{children}</p>}
      {action}
    </div>
  );
}
