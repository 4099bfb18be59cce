import { useEffect, useRef } from "react";
import type { Masklet, Video } from "@/api/types";
import { ActivityRecorder } from "@/timing/activityRecorder";

/** Counts a verifier's time towards the masklet they look at, as reviewing. */
export function useReviewTime(video: Video, masklet: Masklet, frame: number | null): void {
  const recorder = useRef<ActivityRecorder | null>(null);
  const { phase } = masklet;

  useEffect(() => {
    const started = new ActivityRecorder(video.id, phase);
    recorder.current = started;
    started.attend({ tool: "review" });
    started.start();
    return () => {
      recorder.current = null;
      started.stop();
    };
  }, [video.id, phase]);

  useEffect(() => {
    recorder.current?.attend({ frameIndex: frame });
  }, [frame]);

  // After the frame: the loop's first frame belongs to the masklet that comes, not to the one that went.
  useEffect(() => {
    recorder.current?.attend({ maskletId: masklet.id });
    recorder.current?.note("play");
  }, [masklet.id]);
}
