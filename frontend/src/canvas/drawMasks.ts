import type { ContourStyle } from "./palette";
import { inScreenSpace, inVideoSpace, PIXEL_ZOOM, type Scene, type SceneObject } from "./scene";
import { placeTags, TAG_FONT, TAG_HEIGHT, type Tag } from "./tags";

const DASHES: Record<ContourStyle, readonly number[]> = { solid: [], dashed: [7, 4], dotted: [1.5, 3] };
const DIMMED = 0.55;

/** Draws the masks over the picture, the selected one last, then their numbers. */
export function drawMasks(context: CanvasRenderingContext2D, scene: Scene): void {
  inVideoSpace(context, scene);
  context.lineJoin = "round";
  for (const object of scene.objects) if (!object.selected) drawMask(context, scene, object);
  for (const object of scene.objects) if (object.selected) drawMask(context, scene, object);
  inScreenSpace(context, scene);
  context.font = TAG_FONT;
  for (const tag of placeTags(scene, (text) => context.measureText(text).width)) drawTag(context, tag);
  context.globalAlpha = 1;
}

function drawMask(context: CanvasRenderingContext2D, scene: Scene, object: SceneObject): void {
  const { mode, opacity } = scene.overlay;
  const path = scene.view.scale >= PIXEL_ZOOM ? object.shape.exact : object.shape.smooth;
  const strength = object.dimmed ? DIMMED : 1;
  if (mode !== "contour") {
    context.globalAlpha = opacity * strength;
    context.fillStyle = object.look.color;
    context.fill(path, "evenodd");
  }
  context.globalAlpha = object.dimmed ? 0.75 : 1;
  if (object.selected) {
    stroke(context, scene, path, "rgb(0 0 0 / 80%)", 4);
    stroke(context, scene, path, "#ffffff", 1.75);
  } else if (mode !== "fill") {
    context.setLineDash(DASHES[object.look.contour].map((length) => length / scene.view.scale));
    stroke(context, scene, path, object.look.color, 1.75);
    context.setLineDash([]);
  }
}

function stroke(
  context: CanvasRenderingContext2D,
  scene: Scene,
  path: Path2D,
  color: string,
  width: number,
): void {
  context.strokeStyle = color;
  context.lineWidth = width / scene.view.scale;
  context.stroke(path);
}

/** A tag with the object's number in its colour: colours alone do not tell many objects apart. */
function drawTag(context: CanvasRenderingContext2D, { object, x, y, width }: Tag): void {
  context.globalAlpha = object.dimmed ? 0.8 : 1;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.beginPath();
  context.roundRect(x - width / 2, y - TAG_HEIGHT / 2, width, TAG_HEIGHT, 4);
  context.fillStyle = object.look.color;
  context.fill();
  context.strokeStyle = object.selected ? "#ffffff" : "rgb(255 255 255 / 45%)";
  context.lineWidth = object.selected ? 1.5 : 1;
  context.stroke();
  context.fillStyle = object.look.ink;
  context.fillText(String(object.number), x, y + 0.5);
}
