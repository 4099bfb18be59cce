import { useEffect, useRef, useState } from "react";
import type { VideoFailure } from "@/video/protocol";
import { VideoSource } from "@/video/videoSource";

export interface OpenVideo {
  readonly source: VideoSource | null;
  readonly failure: VideoFailure | null;
  /** Calls back for every decoded frame; returns a function that unsubscribes. */
  readonly onFrame: (listener: (frameIndex: number) => void) => () => void;
}

/** A decoder of one video, closed on unmount or when the URL changes. */
export function useVideoSource(url: string | null): OpenVideo {
  const listeners = useRef(new Set<(frameIndex: number) => void>());
  const [source, setSource] = useState<VideoSource | null>(null);
  const [failure, setFailure] = useState<VideoFailure | null>(null);
  const [onFrame] = useState(() => (listener: (frameIndex: number) => void) => {
    listeners.current.add(listener);
    return () => {
      listeners.current.delete(listener);
    };
  });
  useEffect(() => {
    setFailure(null);
    if (url === null) return;
    const opened = new VideoSource(url, {
      opened: () => setSource(opened),
      frame: (frameIndex) => {
        for (const listener of listeners.current) listener(frameIndex);
      },
      failed: setFailure,
    });
    return () => {
      opened.close();
      setSource(null);
    };
  }, [url]);
  return { source, failure, onFrame };
}
