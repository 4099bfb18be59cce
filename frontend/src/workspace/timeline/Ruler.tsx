import { useLayoutEffect, useRef } from "react";
import { useWorkspace } from "../state/context";
import { drawRuler } from "./painters/drawRuler";
import { timelineInk } from "./painters/ink";
import { sizedContext } from "./painters/timelineCanvas";
import styles from "./Timeline.module.css";
import type { TimelineScale } from "./timelineScale";

const HEIGHT = 22;

/** Frame numbers along the top of the timeline. */
export function Ruler({ scale }: { readonly scale: TimelineScale }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const stride = useWorkspace((state) => state.video.stride);
  const loop = useWorkspace((state) => state.loop);
  useLayoutEffect(() => {
    const context = canvas.current && sizedContext(canvas.current, scale.width, HEIGHT);
    if (context) drawRuler(context, scale, { height: HEIGHT, stride, ink: timelineInk(), loop });
  }, [scale, stride, loop]);
  return (
    <div className={styles.row} style={{ height: HEIGHT }}>
      <span className={styles.header}>Frame</span>
      <canvas ref={canvas} className={styles.track} style={{ width: scale.width, height: HEIGHT }} />
    </div>
  );
}
