import { useCallback, useEffect, useRef, useState } from "react";
import type { FrameRange } from "@/video/frameRange";
import { type PlayClock, tick } from "@/video/playClock";
import type { OpenVideo } from "./useVideoSource";

export interface Loop {
  /** The frame to show; null until the first one is decoded. */
  readonly frame: number | null;
  readonly playing: boolean;
  readonly togglePlay: () => void;
  /** Seeks and pauses. */
  readonly goTo: (frame: number) => void;
  readonly step: (frames: number) => void;
}

/** Plays a range of frames over and over, never showing a frame that is not decoded. */
export function useLoop({ source, onFrame }: OpenVideo, range: FrameRange, framesPerSecond: number): Loop {
  const [frame, setFrame] = useState<number | null>(null);
  const [playing, setPlaying] = useState(true);
  const aimed = useRef(range.first);
  const { first, last } = range;

  const goTo = useCallback(
    (wanted: number) => {
      const frame = Math.min(Math.max(wanted, first), last);
      aimed.current = frame;
      setPlaying(false);
      source?.aim(frame, 1);
      if (source?.has(frame)) setFrame(frame);
    },
    [source, first, last],
  );

  // A masklet starts playing at its first frame.
  useEffect(() => {
    aimed.current = first;
    setFrame(null);
    setPlaying(true);
    source?.aim(first, 1);
    if (source?.has(first)) setFrame(first);
  }, [source, first]);

  useEffect(() => onFrame((arrived) => arrived === aimed.current && setFrame(arrived)), [onFrame]);

  const started = frame !== null;
  useEffect(() => {
    if (!playing || !source || !started) return;
    let clock: PlayClock = {
      anchorTime: performance.now(),
      anchorFrame: aimed.current,
      framesPerSecond,
      rate: 1,
      loop: { first, last },
    };
    let request = requestAnimationFrame(function show(now) {
      const next = tick(clock, aimed.current, now, (index) => source.has(index));
      clock = next.clock;
      if (next.frameIndex !== aimed.current) {
        aimed.current = next.frameIndex;
        source.aim(next.frameIndex, 1);
        if (source.has(next.frameIndex)) setFrame(next.frameIndex);
      }
      request = requestAnimationFrame(show);
    });
    return () => cancelAnimationFrame(request);
  }, [playing, source, started, first, last, framesPerSecond]);

  return {
    frame,
    playing,
    togglePlay: () => setPlaying(!playing),
    goTo,
    step: (frames) => goTo(aimed.current + frames),
  };
}
