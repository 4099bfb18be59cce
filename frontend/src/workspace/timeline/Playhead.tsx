import { useWorkspace } from "../state/context";
import styles from "./Timeline.module.css";
import { type TimelineScale, xOf } from "./timelineScale";
import { HEADER_WIDTH } from "./useTimelineScale";

/** The current frame, across all lanes; as wide as a frame. */
export function Playhead({ scale }: { readonly scale: TimelineScale }) {
  const frameIndex = useWorkspace((state) => state.frameIndex);
  const x = xOf(scale, frameIndex);
  if (x < -scale.perFrame || x > scale.width) return null;
  return (
    <div
      className={styles.playhead}
      style={{ transform: `translateX(${HEADER_WIDTH + x}px)`, width: Math.max(scale.perFrame, 2) }}
      data-testid="playhead"
      data-frame-index={frameIndex}
    >
      <span className={styles.knob}>{frameIndex}</span>
    </div>
  );
}
