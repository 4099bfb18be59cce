import type { FrameRange } from "@/video/frameRange";

/** How frames lie along the timeline: frame `first` (fractional) at the left edge, `perFrame` CSS pixels each. */
export interface TimelineScale {
  readonly first: number;
  readonly perFrame: number;
  readonly width: number;
  readonly numFrames: number;
}

const WIDEST_FRAME = 48;

/** The whole video across the width. */
export function wholeVideo(numFrames: number, width: number): TimelineScale {
  return { first: 0, perFrame: Math.max(width, 1) / Math.max(numFrames, 1), width, numFrames };
}

export function xOf(scale: TimelineScale, frameIndex: number): number {
  return (frameIndex - scale.first) * scale.perFrame;
}

/** The frame under a pixel, always one that exists. */
export function frameAt(scale: TimelineScale, x: number): number {
  const frameIndex = Math.floor(scale.first + x / scale.perFrame);
  return Math.min(Math.max(frameIndex, 0), scale.numFrames - 1);
}

/** The frames between two, whichever comes first. */
export function rangeBetween(one: number, other: number): FrameRange {
  return { first: Math.min(one, other), last: Math.max(one, other) };
}

/** Zoom; the frame under `x` stays under it. Never further out than the whole video. */
export function zoomTimeline(scale: TimelineScale, x: number, factor: number): TimelineScale {
  const smallest = scale.width / scale.numFrames;
  const perFrame = Math.min(Math.max(scale.perFrame * factor, smallest), Math.max(WIDEST_FRAME, smallest));
  const under = scale.first + x / scale.perFrame;
  return clamped({ ...scale, perFrame, first: under - x / perFrame });
}

export function scrollTimeline(scale: TimelineScale, dx: number): TimelineScale {
  return clamped({ ...scale, first: scale.first + dx / scale.perFrame });
}

/** Another width. A timeline that showed everything still does. */
export function resizeTimeline(scale: TimelineScale, width: number): TimelineScale {
  const whole = scale.perFrame * scale.numFrames <= scale.width + 0.5;
  if (whole) return wholeVideo(scale.numFrames, width);
  return clamped({ ...scale, width, perFrame: Math.max(scale.perFrame, width / scale.numFrames) });
}

/** Turns the page when the frame has left the visible part. */
export function reveal(scale: TimelineScale, frameIndex: number): TimelineScale {
  const visible = scale.width / scale.perFrame;
  if (frameIndex >= scale.first && frameIndex + 1 <= scale.first + visible) return scale;
  return clamped({
    ...scale,
    first: frameIndex - (frameIndex < scale.first ? visible * 0.9 : visible * 0.1),
  });
}

function clamped(scale: TimelineScale): TimelineScale {
  const visible = scale.width / scale.perFrame;
  return { ...scale, first: Math.min(Math.max(scale.first, 0), Math.max(scale.numFrames - visible, 0)) };
}

/** Frames between two labels of the ruler: a round number that leaves each label room. */
export function labelStep(scale: TimelineScale, room: number): number {
  const wanted = room / scale.perFrame;
  for (let power = 1; ; power *= 10) {
    for (const step of [1, 2, 5]) if (step * power >= wanted) return step * power;
  }
}
