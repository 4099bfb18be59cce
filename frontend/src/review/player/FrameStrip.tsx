import { type KeyboardEvent, type PointerEvent, useMemo } from "react";
import type { FrameMask } from "@/api/types";
import type { FrameRange } from "@/video/frameRange";
import styles from "./FrameStrip.module.css";

interface FrameStripProps {
  readonly masks: ReadonlyMap<number, FrameMask>;
  readonly range: FrameRange;
  readonly worstFrames: readonly number[];
  readonly frame: number | null;
  readonly onGoTo: (frame: number) => void;
}

/** The masklet over time: presence, source and predicted IoU of each frame; a click seeks. */
export function FrameStrip({ masks, range, worstFrames, frame, onGoTo }: FrameStripProps) {
  const length = range.last - range.first + 1;
  const line = useMemo(() => confidenceLine(masks, range), [masks, range]);
  const spans = useMemo(() => sourceSpans(masks), [masks]);

  function seek(event: PointerEvent<HTMLDivElement>) {
    if (event.buttons !== 1) return;
    const { left, width } = event.currentTarget.getBoundingClientRect();
    onGoTo(range.first + Math.floor(((event.clientX - left) / width) * length));
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === "Home") onGoTo(range.first);
    if (event.key === "End") onGoTo(range.last);
  }

  return (
    <div
      className={styles.strip}
      role="slider"
      tabIndex={0}
      aria-label="Frame"
      aria-valuemin={range.first}
      aria-valuemax={range.last}
      aria-valuenow={frame ?? range.first}
      onPointerDown={seek}
      onPointerMove={seek}
      onKeyDown={onKeyDown}
      data-testid="review-strip"
    >
      <svg viewBox={`0 0 ${length} 28`} preserveAspectRatio="none" aria-hidden="true">
        {spans.map(({ first, last, source }) => (
          <rect
            key={first}
            x={first - range.first}
            y={20}
            width={last - first + 1}
            height={8}
            className={styles[source]}
          />
        ))}
        {worstFrames.map((worst) => (
          <rect
            key={worst}
            x={worst - range.first}
            y={0}
            width={Math.max(1, length / 300)}
            height={18}
            className={styles.worst}
          />
        ))}
        <path d={line} className={styles.line} vectorEffect="non-scaling-stroke" />
      </svg>
      {frame !== null && (
        <div className={styles.cursor} style={{ left: `${((frame - range.first + 0.5) / length) * 100}%` }} />
      )}
    </div>
  );
}

interface SourceSpan {
  readonly first: number;
  readonly last: number;
  readonly source: FrameMask["source"];
}

/** Neighbouring frames of the same source as one bar. */
function sourceSpans(masks: ReadonlyMap<number, FrameMask>): readonly SourceSpan[] {
  const spans: SourceSpan[] = [];
  for (const [frame, mask] of masks) {
    const source = mask.area === 0 ? "absent" : mask.source;
    const open = spans.at(-1);
    if (open && open.source === source && open.last === frame - 1)
      spans[spans.length - 1] = { ...open, last: frame };
    else spans.push({ first: frame, last: frame, source });
  }
  return spans;
}

/** Predicted IoU from 0 (bottom) to 1 (top), broken where it is unknown. */
function confidenceLine(masks: ReadonlyMap<number, FrameMask>, range: FrameRange): string {
  let path = "";
  let pen = "M";
  for (let frame = range.first; frame <= range.last; frame += 1) {
    const iou = masks.get(frame)?.predicted_iou ?? null;
    if (iou !== null)
      path += `${pen}${frame - range.first + 0.5} ${(18 - 16 * Math.min(1, Math.max(0, iou))).toFixed(1)}`;
    pen = iou === null ? "M" : "L";
  }
  return path;
}
