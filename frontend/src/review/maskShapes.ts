import type { FrameMask } from "@/api/types";
import { type MaskShape, ShapeCache, shapeOf } from "@/canvas/maskShape";
import { decodeCounts } from "@/masks/rle";

const cache = new ShapeCache(1200);

/** The mask's outline in video pixels. */
export function maskShape(mask: FrameMask): MaskShape {
  return cache.get(mask.id, () => {
    const [height = 0, width = 0] = mask.size;
    return shapeOf(decodeCounts(mask.counts, height * width), height);
  });
}
