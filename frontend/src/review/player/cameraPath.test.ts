import { describe, expect, it } from "vitest";
import type { FrameMask } from "@/api/types";
import { cameraPath, viewportOf, wholeOf } from "./cameraPath";

const video = { width: 640, height: 360 };

function makeMask(box: readonly number[] | null): FrameMask {
  return { box, area: box ? 1 : 0 } as FrameMask;
}

describe("cameraPath", () => {
  it("keeps the object inside every shot", () => {
    const masks = new Map<number, FrameMask>();
    for (let frame = 0; frame < 40; frame += 1) masks.set(frame, makeMask([40 + frame * 10, 100, 80, 60]));
    const path = cameraPath(masks, { first: 0, last: 39 }, video);
    for (const [frame, mask] of masks) {
      const shot = path[frame] ?? wholeOf(video);
      const [x = 0, , width = 0] = mask.box ?? [];
      expect(x).toBeGreaterThanOrEqual(shot.x - shot.side / 2);
      expect(x + width).toBeLessThanOrEqual(shot.x + shot.side / 2);
    }
  });

  it("travels on while the object is hidden", () => {
    const masks = new Map([
      [0, makeMask([0, 0, 100, 100])],
      [10, makeMask(null)],
      [20, makeMask([400, 0, 100, 100])],
    ]);
    const path = cameraPath(masks, { first: 0, last: 20 }, video);
    expect(path[10]?.x).toBeCloseTo(250, 0);
  });

  it("shows the whole video when the object is never seen", () => {
    const path = cameraPath(new Map([[0, makeMask(null)]]), { first: 0, last: 2 }, video);
    expect(path).toEqual([wholeOf(video), wholeOf(video), wholeOf(video)]);
  });
});

describe("viewportOf", () => {
  it("shows nothing beyond the video's edge while the shot is smaller than the video", () => {
    const view = viewportOf({ x: 5, y: 5, side: 100 }, video, { width: 400, height: 400 });
    expect(view.offsetX).toBeCloseTo(0);
    expect(view.offsetY).toBeCloseTo(0);
  });

  it("centres the video along a side that it cannot fill", () => {
    const view = viewportOf(wholeOf(video), video, { width: 640, height: 640 });
    expect(view.offsetY).toBeCloseTo((640 - 360) / 2);
  });
});
