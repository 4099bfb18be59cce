import type { FrameMask } from "@/api/types";

export interface ContactFrame {
  readonly frameIndex: number;
  /** Among the frames of lowest confidence. */
  readonly worst: boolean;
}

const MOST_WORST = 6;

/** The frames to show as stills: the worst first, then some spread evenly over the rest in time order. */
export function contactFrames(
  masks: ReadonlyMap<number, FrameMask>,
  worstFrames: readonly number[],
  count: number,
): readonly ContactFrame[] {
  const gap = Math.max(1, Math.floor(masks.size / count / 2));
  const worst = apart(
    worstFrames.filter((frame) => masks.has(frame)),
    gap,
  ).slice(0, MOST_WORST);
  const rest = [...masks.keys()].filter((frame) => !worst.includes(frame));
  return [
    ...worst.map((frameIndex) => ({ frameIndex, worst: true })),
    ...spread(rest, count - worst.length).map((frameIndex) => ({ frameIndex, worst: false })),
  ];
}

/** Drops frames next to one earlier in the list: they would show the same failure. */
function apart(frames: readonly number[], gap: number): readonly number[] {
  const kept: number[] = [];
  for (const frame of frames) if (kept.every((other) => Math.abs(other - frame) >= gap)) kept.push(frame);
  return kept;
}

/** `count` of the items at even distances, the first and the last among them. */
function spread(items: readonly number[], count: number): readonly number[] {
  if (items.length <= count) return items;
  if (count <= 0) return [];
  const step = count === 1 ? 0 : (items.length - 1) / (count - 1);
  return Array.from({ length: count }, (_, index) => items[Math.round(index * step)]).filter(
    (item) => item !== undefined,
  );
}
