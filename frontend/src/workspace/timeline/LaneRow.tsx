import { useEffect, useLayoutEffect, useMemo, useRef } from "react";
import { ObjectChip } from "../panels/objects/ObjectChip";
import { useSession, useWorkspace } from "../state/context";
import type { ListedObject } from "../state/selectors";
import { NO_LANE } from "../sync/replica";
import type { PendingWrite } from "../sync/writes";
import { laneModel } from "./laneModel";
import { drawLane } from "./painters/drawLane";
import { sizedContext } from "./painters/timelineCanvas";
import styles from "./Timeline.module.css";
import type { TimelineScale } from "./timelineScale";

const HEIGHT = 24;
const SELECTED_HEIGHT = 40;

interface LaneRowProps {
  readonly object: ListedObject;
  readonly scale: TimelineScale;
}

/** One object through time. */
export function LaneRow({ object, scale }: LaneRowProps) {
  const session = useSession();
  const row = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const lane = useWorkspace((state) => state.replica.lanes.get(object.key) ?? NO_LANE);
  const queue = useWorkspace((state) => state.queue);
  const selected = useWorkspace((state) => state.selected === object.key);
  const model = useMemo(() => laneModel(lane), [lane]);
  const pending = useMemo(() => pendingFrames(queue, object.key), [queue, object.key]);
  const height = selected ? SELECTED_HEIGHT : HEIGHT;
  const verified = object.verdict === "satisfactory";
  useLayoutEffect(() => {
    const context = canvas.current && sizedContext(canvas.current, scale.width, height);
    if (context)
      drawLane(context, scale, model, { color: object.look.color, height, selected, verified, pending });
  }, [scale, model, object.look.color, height, selected, verified, pending]);
  useEffect(() => {
    if (selected) row.current?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  return (
    <div
      ref={row}
      className={styles.row}
      style={{ height }}
      data-selected={selected}
      data-testid={`lane-${object.number}`}
    >
      <button
        type="button"
        className={styles.header}
        tabIndex={-1}
        onClick={() => session.actions.select(object.key)}
      >
        <ObjectChip look={object.look} number={object.number} />
        <span className={styles.name}>{object.name}</span>
      </button>
      <canvas
        ref={canvas}
        className={styles.track}
        style={{ width: scale.width, height }}
        onDoubleClick={() => session.actions.select(object.key)}
      />
    </div>
  );
}

function pendingFrames(queue: readonly PendingWrite[], object: string): readonly number[] {
  return queue.flatMap(({ write }) =>
    "frameIndex" in write && write.object === object ? [write.frameIndex] : [],
  );
}
