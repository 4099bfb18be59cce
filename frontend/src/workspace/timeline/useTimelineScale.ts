import { type RefObject, useEffect, useMemo, useState } from "react";
import { useSession } from "../state/context";
import { resizeTimeline, reveal, type TimelineScale, wholeVideo } from "./timelineScale";

/** Width of the column of lane headers. */
export const HEADER_WIDTH = 148;

export interface ScaleInHand {
  readonly current: TimelineScale;
  readonly change: (next: (scale: TimelineScale) => TimelineScale) => void;
}

/** The timeline's scale: follows the element's width, and turns the page when playback leaves it. */
export function useTimelineScale(tracks: RefObject<HTMLDivElement | null>): ScaleInHand {
  const session = useSession();
  const [current, change] = useState(() => wholeVideo(session.store.getState().video.numFrames, 800));

  useEffect(() => {
    const element = tracks.current;
    if (element === null) return;
    const observer = new ResizeObserver(() =>
      change((scale) => resizeTimeline(scale, Math.max(element.clientWidth - HEADER_WIDTH, 50))),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [tracks]);

  useEffect(
    () =>
      session.store.subscribe((state, before) => {
        if (state.frameIndex !== before.frameIndex) change((scale) => reveal(scale, state.frameIndex));
      }),
    [session],
  );

  return useMemo(() => ({ current, change }), [current]);
}
