import { expect, it } from "vitest";
import type { MaskShape } from "./maskShape";
import { lookOf } from "./palette";
import type { Scene, SceneObject } from "./scene";
import { placeTags, TAG_HEIGHT } from "./tags";

function makeObject(number: number, x: number, y: number): SceneObject {
  const shape = { labelAt: { x, y } } as unknown as MaskShape;
  return { number, look: lookOf(number - 1), shape, selected: false, dimmed: false };
}

function makeScene(objects: readonly SceneObject[]): Scene {
  return {
    view: { scale: 1, offsetX: 0, offsetY: 0 },
    video: { width: 100, height: 100 },
    stage: { width: 400, height: 400 },
    pixelRatio: 1,
    picture: null,
    objects,
    overlay: { mode: "both", opacity: 0.5 },
  };
}

it("tags of masks that begin at one place stand side by side", () => {
  const tags = placeTags(makeScene([1, 2, 3, 12].map((number) => makeObject(number, 50, 50))), () => 7);
  for (const a of tags) {
    for (const b of tags) {
      if (a !== b) expect(Math.abs(a.x - b.x)).toBeGreaterThanOrEqual((a.width + b.width) / 2);
    }
  }
});

it("a tag stays on the stage when its mask leaves at the top", () => {
  const [tag] = placeTags(makeScene([makeObject(1, 50, -30)]), () => 7);
  expect(tag?.y).toBeGreaterThanOrEqual(TAG_HEIGHT / 2);
});
