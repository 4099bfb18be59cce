/** Which frames to decode next. Pure: the same holdings and cursor give the same plan. */
import type { FrameRange } from "./frameRange";

export interface PlanInput {
  readonly numFrames: number;
  /** Ascending, starting with 0. */
  readonly keyFrames: readonly number[];
  readonly cursor: number;
  readonly direction: 1 | -1;
  /** Frames to hold ahead of the cursor (in its direction) and behind it. */
  readonly ahead: number;
  readonly behind: number;
  readonly has: (frameIndex: number) => boolean;
}

/** The next range to decode, nearest need first; null when everything near the cursor is held. */
export function nextRange(input: PlanInput): FrameRange | null {
  const { cursor, direction, has } = input;
  if (!has(cursor)) return towards(input, cursor, direction);
  const ahead = firstMissing(input, direction, input.ahead);
  if (ahead !== null) return towards(input, ahead, direction);
  const behind = firstMissing(input, direction === 1 ? -1 : 1, input.behind);
  return behind === null ? null : towards(input, behind, direction === 1 ? -1 : 1);
}

function firstMissing(input: PlanInput, step: 1 | -1, reach: number): number | null {
  for (let offset = 1; offset <= reach; offset++) {
    const frameIndex = input.cursor + step * offset;
    if (frameIndex < 0 || frameIndex >= input.numFrames) return null;
    if (!input.has(frameIndex)) return frameIndex;
  }
  return null;
}

/**
 * The missing frames of one key group, starting at `frameIndex`. Decoding has to begin at the key frame anyway, so
 * going backwards takes the group up to `frameIndex`; going forwards takes what follows it.
 */
function towards(input: PlanInput, frameIndex: number, step: 1 | -1): FrameRange {
  const group = groupOf(input.keyFrames, frameIndex, input.numFrames);
  const reach = Math.max(input.ahead, 1);
  if (step === 1) {
    let last = frameIndex;
    while (last < group.last && last - frameIndex < reach && !input.has(last + 1)) last++;
    return { first: frameIndex, last };
  }
  let first = frameIndex;
  while (first > group.first && frameIndex - first < reach && !input.has(first - 1)) first--;
  return { first, last: frameIndex };
}

/** First and last frame of the key group that contains the frame. */
export function groupOf(keyFrames: readonly number[], frameIndex: number, numFrames: number): FrameRange {
  let low = 0;
  let high = keyFrames.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keyFrames[middle] as number) <= frameIndex) low = middle + 1;
    else high = middle;
  }
  return { first: keyFrames[low - 1] ?? 0, last: (keyFrames[low] ?? numFrames) - 1 };
}
