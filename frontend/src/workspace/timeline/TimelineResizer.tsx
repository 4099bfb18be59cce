import type { PointerEvent } from "react";
import styles from "./Timeline.module.css";
import { clampHeight, HIGHEST, LOWEST, rememberHeight } from "./timelineHeight";

interface ResizerProps {
  readonly height: number;
  readonly onHeight: (height: number) => void;
}

/** The upper edge of the timeline: drag it, or use the arrow keys. */
export function TimelineResizer({ height, onHeight }: ResizerProps) {
  const change = (next: number) => {
    const clamped = clampHeight(next);
    onHeight(clamped);
    rememberHeight(clamped);
  };
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) change(height - event.movementY);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: an <hr> cannot be dragged or focused.
    <div
      className={styles.resizer}
      role="separator"
      aria-label="Timeline height"
      aria-orientation="horizontal"
      aria-valuenow={height}
      aria-valuemin={LOWEST}
      aria-valuemax={HIGHEST}
      tabIndex={0}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onKeyDown={(event) => {
        if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
        event.stopPropagation();
        change(height + (event.key === "ArrowUp" ? 16 : -16));
      }}
    />
  );
}
