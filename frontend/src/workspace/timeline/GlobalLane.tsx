import { useLayoutEffect, useRef } from "react";
import { useWorkspace } from "../state/context";
import { activeRuns } from "../sync/replica";
import { timelineInk } from "./painters/ink";
import { sizedContext } from "./painters/timelineCanvas";
import { runFront } from "./runFront";
import styles from "./Timeline.module.css";
import { type TimelineScale, xOf } from "./timelineScale";

const HEIGHT = 12;

/** The range of the active run and the frames it has reached in both directions. */
export function GlobalLane({ scale }: { readonly scale: TimelineScale }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const replica = useWorkspace((state) => state.replica);
  useLayoutEffect(() => {
    const context = canvas.current && sizedContext(canvas.current, scale.width, HEIGHT);
    if (!context) return;
    context.clearRect(0, 0, scale.width, HEIGHT);
    const { accent } = timelineInk();
    for (const run of activeRuns(replica)) {
      const front = runFront(replica, run);
      context.fillStyle = accent;
      context.globalAlpha = 0.2;
      fillFrames(context, scale, run.first_frame, run.last_frame, 4);
      context.globalAlpha = 1;
      fillFrames(context, scale, front.first, front.last, 4);
      if (run.direction !== "backward") drawArrow(context, xOf(scale, front.last + 1), 1);
      if (run.direction !== "forward") drawArrow(context, xOf(scale, front.first), -1);
    }
  }, [scale, replica]);
  return (
    <div className={styles.row} style={{ height: HEIGHT }}>
      <span className={styles.header} />
      <canvas ref={canvas} className={styles.track} style={{ width: scale.width, height: HEIGHT }} />
    </div>
  );
}

function fillFrames(
  context: CanvasRenderingContext2D,
  scale: TimelineScale,
  first: number,
  last: number,
  height: number,
): void {
  context.fillRect(xOf(scale, first), (HEIGHT - height) / 2, (last - first + 1) * scale.perFrame, height);
}

function drawArrow(context: CanvasRenderingContext2D, x: number, direction: 1 | -1): void {
  context.beginPath();
  context.moveTo(x, 1);
  context.lineTo(x + direction * 7, HEIGHT / 2);
  context.lineTo(x, HEIGHT - 1);
  context.closePath();
  context.fill();
}
