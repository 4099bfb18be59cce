import { useEffect, useRef } from "react";
import type { Id, ReviewItem } from "@/api/types";
import { lookOf } from "@/canvas/palette";
import styles from "./QueueList.module.css";
import { numMissing } from "./reviewQueue";

interface QueueListProps {
  readonly queue: readonly ReviewItem[];
  readonly current: ReviewItem;
  readonly skipped: readonly Id[];
  readonly numDecided: number;
  readonly onSelect: (id: Id) => void;
}

/** The masklets that wait for a verdict, in review order. */
export function QueueList({ queue, current, skipped, numDecided, onSelect }: QueueListProps) {
  return (
    <nav className={styles.panel} aria-label="Masklets to verify">
      <header className={styles.header}>
        <h2>To verify</h2>
        <span>
          {queue.length} left{numDecided > 0 && `, ${numDecided} done`}
        </span>
      </header>
      <ol className={styles.list} data-testid="review-queue">
        {queue.map((item) => (
          <QueueItem
            key={item.masklet.id}
            item={item}
            isCurrent={item === current}
            isSkipped={skipped.includes(item.masklet.id)}
            onSelect={onSelect}
          />
        ))}
      </ol>
    </nav>
  );
}

interface QueueItemProps {
  readonly item: ReviewItem;
  readonly isCurrent: boolean;
  readonly isSkipped: boolean;
  readonly onSelect: (id: Id) => void;
}

function QueueItem({ item, isCurrent, isSkipped, onSelect }: QueueItemProps) {
  const { masklet, video_name, risk } = item;
  const look = lookOf(masklet.color_index);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (isCurrent) button.current?.scrollIntoView({ block: "nearest" });
  }, [isCurrent]);
  return (
    <li>
      <button
        ref={button}
        type="button"
        className={styles.item}
        aria-current={isCurrent}
        onClick={() => onSelect(masklet.id)}
        data-testid="review-item"
      >
        <span className={styles.number} style={{ background: look.color, color: look.ink }}>
          {masklet.number}
        </span>
        <span className={styles.words}>
          <span className={styles.name}>{masklet.name ?? `Masklet ${masklet.number}`}</span>
          <span className={styles.video}>
            {masklet.origin === "auto" && "automatic · "}
            {video_name}
          </span>
        </span>
        {item.contest !== null ? (
          <span className={styles.skipped}>contested</span>
        ) : isSkipped ? (
          <span className={styles.skipped}>skipped</span>
        ) : numMissing(item) > 0 ? (
          <span className={styles.skipped}>incomplete</span>
        ) : (
          <span className={styles.risk} title={`Risk ${risk.toFixed(2)} of 1`}>
            <span style={{ width: `${Math.round(risk * 100)}%` }} />
          </span>
        )}
      </button>
    </li>
  );
}
