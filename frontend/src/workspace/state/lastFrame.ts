import type { VideoFacts } from "./store";

/** Remembers the frame for a reload of this tab. */
export function rememberFrame(video: VideoFacts, frameIndex: number): void {
  try {
    window.sessionStorage.setItem(`maskloom-frame:${video.id}`, String(frameIndex));
  } catch {
    // Only a convenience.
  }
}

/** The frame shown before a reload. */
export function rememberedFrame(video: VideoFacts): number {
  const frameIndex = Number(window.sessionStorage.getItem(`maskloom-frame:${video.id}`) ?? 0);
  return Number.isInteger(frameIndex) && frameIndex >= 0 && frameIndex < video.numFrames ? frameIndex : 0;
}
