import type { ReactNode } from "react";
import { buttonClass } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import styles from "./Insights.module.css";

interface FigureProps {
  /** What the figure shows, as a finding. */
  readonly title: string;
  readonly note?: ReactNode;
  readonly csvUrl: string;
  readonly testId: string;
  readonly children: ReactNode;
}

export function Figure({ title, note, csvUrl, testId, children }: FigureProps) {
  return (
    <section className={styles.figure} data-testid={testId} aria-label={title}>
      <header className={styles.figureHeader}>
        <h2>{title}</h2>
        <a href={csvUrl} download className={buttonClass()}>
          <Icon name="download" />
          CSV
        </a>
      </header>
      {children}
      {note && <p className={styles.note}>{note}</p>}
    </section>
  );
}
