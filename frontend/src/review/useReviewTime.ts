import { useEffect, useRef } from "react";
import type { Masklet, Video } from "@/api/types";
import { ActivityRecorder } from "@/timing/activityRecorder";

/** Records the verifier's time as reviewing time of the shown masklet. */
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

  // After the frame effect: the loop's first frame belongs to the new masklet.
  useEffect(() => {
    recorder.current?.attend({ maskletId: masklet.id });
    recorder.current?.note("play");
  }, [masklet.id]);
}
