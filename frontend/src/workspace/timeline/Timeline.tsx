import { type CSSProperties, useRef, useState } from "react";
import type { Filmstrip } from "@/api/types";
import { shownObjects } from "../classes/shownObjects";
import { mayEdit } from "../state/barrier";
import { useWorkspace } from "../state/context";
import { GlobalLane } from "./GlobalLane";
import { LaneRow } from "./LaneRow";
import { MarkedRange } from "./MarkedRange";
import { Playhead } from "./Playhead";
import { Ruler } from "./Ruler";
import { Strip } from "./Strip";
import styles from "./Timeline.module.css";
import { TimelineResizer } from "./TimelineResizer";
import { rememberedHeight } from "./timelineHeight";
import { useTimelineScale } from "./useTimelineScale";
import { useTimelineScrub } from "./useTimelineScrub";

/** Frames from left to right, objects from top to bottom; one shared scale. */
export function Timeline({ filmstrip }: { readonly filmstrip: Filmstrip | null }) {
  const tracks = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(rememberedHeight);
  const objects = useWorkspace(shownObjects);
  const loaded = useWorkspace((state) => state.loaded);
  const editable = useWorkspace(mayEdit);
  const scale = useTimelineScale(tracks);
  useTimelineScrub(tracks, scale);
  return (
    <section
      className={styles.timeline}
      style={{ "--timeline-height": `${height}px` } as CSSProperties}
      aria-label="Timeline"
      data-testid="timeline"
    >
      <TimelineResizer height={height} onHeight={setHeight} />
      <div className={styles.tracks} ref={tracks}>
        <div className={styles.head}>
          <Ruler scale={scale.current} />
          <Strip scale={scale.current} filmstrip={filmstrip} />
          <GlobalLane scale={scale.current} />
        </div>
        <div className={styles.lanes} data-testid="lanes">
          {objects.map((object) => (
            <LaneRow key={object.key} object={object} scale={scale.current} />
          ))}
          {loaded && objects.length === 0 && (
            <p className={styles.empty}>
              Each object gets a lane here. {editable && "Click one in the video to begin."}
            </p>
          )}
        </div>
        <MarkedRange scale={scale.current} />
        <Playhead scale={scale.current} />
      </div>
    </section>
  );
}
