import { type ScreenPoint, type VideoBox, videoPoint } from "@/geometry/points";
import { toScreen, type Viewport } from "@/geometry/viewport";
import type { ScenePoint } from "./scene";

const POSITIVE = "#3ddc84";
const NEGATIVE = "#ff5a5f";
const RADIUS = 7;
const PULSE_MILLISECONDS = 900;

/** A point prompt: a plus or a minus in a disc; the shape says it, the colour repeats it. */
export function drawPoint(context: CanvasRenderingContext2D, view: Viewport, point: ScenePoint): void {
  const at = toScreen(view, point.at);
  context.beginPath();
  context.arc(at.x, at.y, RADIUS, 0, 2 * Math.PI);
  context.fillStyle = point.positive ? POSITIVE : NEGATIVE;
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = "#0b0d10";
  context.stroke();
  context.beginPath();
  context.moveTo(at.x - 3.5, at.y);
  context.lineTo(at.x + 3.5, at.y);
  if (point.positive) {
    context.moveTo(at.x, at.y - 3.5);
    context.lineTo(at.x, at.y + 3.5);
  }
  context.lineWidth = 2;
  context.stroke();
}

/** A soft ring that widens and fades while the mask is on its way. */
export function drawPulse(
  context: CanvasRenderingContext2D,
  view: Viewport,
  point: ScenePoint,
  now: number,
): void {
  const at = toScreen(view, point.at);
  const share = (now % PULSE_MILLISECONDS) / PULSE_MILLISECONDS;
  context.beginPath();
  context.arc(at.x, at.y, RADIUS + 3 + share * 14, 0, 2 * Math.PI);
  context.lineWidth = 2;
  context.globalAlpha = 0.7 * (1 - share);
  context.strokeStyle = "#ffffff";
  context.stroke();
  context.globalAlpha = 1;
}

/** A box prompt, stored or being drawn. */
export function drawBox(
  context: CanvasRenderingContext2D,
  view: Viewport,
  box: VideoBox,
  color: string,
  live: boolean,
): void {
  const from = toScreen(view, videoPoint(box.x0, box.y0));
  const to = toScreen(view, videoPoint(box.x1, box.y1));
  context.setLineDash([]);
  context.lineWidth = 3;
  context.strokeStyle = "rgb(0 0 0 / 65%)";
  context.strokeRect(from.x, from.y, to.x - from.x, to.y - from.y);
  context.lineWidth = 1.5;
  context.setLineDash(live ? [5, 4] : []);
  context.strokeStyle = color;
  context.strokeRect(from.x, from.y, to.x - from.x, to.y - from.y);
  context.setLineDash([]);
}

/** The brush: a circle of its true size on the video. */
export function drawBrush(
  context: CanvasRenderingContext2D,
  at: ScreenPoint,
  radius: number,
  erasing: boolean,
): void {
  for (const [width, color] of [
    [3, "rgb(0 0 0 / 60%)"],
    [1.25, erasing ? NEGATIVE : "#ffffff"],
  ] as const) {
    context.beginPath();
    context.arc(at.x, at.y, Math.max(radius, 1), 0, 2 * Math.PI);
    context.lineWidth = width;
    context.setLineDash(erasing ? [4, 3] : []);
    context.strokeStyle = color;
    context.stroke();
  }
  context.setLineDash([]);
}
