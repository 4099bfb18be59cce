import { videoPoint } from "@/geometry/points";
import { toScreen } from "@/geometry/viewport";
import type { Scene, SceneObject } from "./scene";

export const TAG_FONT = "600 11px 'Inter Variable', system-ui, sans-serif";
export const TAG_HEIGHT = 16;
const GAP = 2;

/** Where an object's number is written: the tag's centre and width, CSS pixels of the stage. */
export interface Tag {
  readonly object: SceneObject;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** A tag on top of every mask; one that would cover another moves to its right. */
export function placeTags(scene: Scene, measure: (text: string) => number): readonly Tag[] {
  const tags: Tag[] = [];
  for (const object of scene.objects) {
    const { labelAt } = object.shape;
    if (labelAt === null) continue;
    const top = toScreen(scene.view, videoPoint(labelAt.x, labelAt.y));
    const width = Math.max(measure(String(object.number)) + 8, TAG_HEIGHT);
    // Astride the upper edge, where it hides neither the object nor its points.
    const y = Math.max(top.y - 4, TAG_HEIGHT / 2 + GAP);
    tags.push({ object, y, width, x: freeX(tags, top.x, y, width) });
  }
  return tags;
}

function freeX(tags: readonly Tag[], wanted: number, y: number, width: number): number {
  let x = wanted;
  for (let moves = 0; moves <= tags.length; moves++) {
    const hit = tags.find(
      (tag) => Math.abs(tag.y - y) < TAG_HEIGHT && Math.abs(tag.x - x) < (tag.width + width) / 2 + GAP,
    );
    if (hit === undefined) return x;
    x = hit.x + (hit.width + width) / 2 + GAP + 0.01;
  }
  return x;
}
