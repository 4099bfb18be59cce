import type { Filmstrip } from "@/api/types";
import { type TimelineScale, xOf } from "../timelineScale";

/** Tiles side by side, each the stored one nearest to the frame in its middle. */
export function drawFilmstrip(
  context: CanvasRenderingContext2D,
  scale: TimelineScale,
  strip: Filmstrip,
  sheet: CanvasImageSource,
  height: number,
): void {
  const width = (strip.tile_width / strip.tile_height) * height;
  // Anchored to frame 0, so that scrolling moves the strip instead of reshuffling it.
  const start = xOf(scale, 0);
  const end = Math.min(xOf(scale, scale.numFrames), scale.width);
  const firstTile = Math.max(0, Math.floor(-start / width));
  for (let x = start + firstTile * width; x < end; x += width) {
    const middle = scale.first + (x + width / 2) / scale.perFrame;
    const tile = nearest(strip.frame_indices, middle);
    const column = tile % strip.columns;
    const row = Math.floor(tile / strip.columns);
    const shown = Math.min(width, end - x);
    context.drawImage(
      sheet,
      column * strip.tile_width,
      row * strip.tile_height,
      strip.tile_width * (shown / width),
      strip.tile_height,
      x,
      0,
      shown,
      height,
    );
  }
}

/** Position of the frame index nearest to `wanted` in an ascending list. */
export function nearest(frameIndices: readonly number[], wanted: number): number {
  let low = 0;
  let high = frameIndices.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((frameIndices[middle] as number) < wanted) low = middle + 1;
    else high = middle;
  }
  const before = frameIndices[low - 1];
  const at = frameIndices[low] ?? 0;
  return before !== undefined && wanted - before < at - wanted ? low - 1 : low;
}
