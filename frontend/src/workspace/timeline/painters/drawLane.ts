import type { FrameRange } from "@/video/frameRange";
import type { LaneModel, Segment } from "../laneModel";
import { type TimelineScale, xOf } from "../timelineScale";

export interface LanePaint {
  readonly color: string;
  readonly height: number;
  readonly selected: boolean;
  readonly verified: boolean;
  /** Frames with an edit still on its way. */
  readonly pending: readonly number[];
}

const BAR_INSET = 6;
const OUTLINE = "rgb(255 255 255 / 40%)";

/** One object's lane: hatched where nothing is known, filled where it is, hollow where the object is absent. */
export function drawLane(
  context: CanvasRenderingContext2D,
  scale: TimelineScale,
  model: LaneModel,
  paint: LanePaint,
): void {
  context.clearRect(0, 0, scale.width, paint.height);
  const end = Math.min(xOf(scale, scale.numFrames), scale.width);
  drawHatch(context, 0, end, paint.height, "rgb(255 255 255 / 9%)");
  for (const segment of model.segments) drawSegment(context, scale, segment, paint);
  if (paint.selected) drawAreas(context, scale, model, paint);
  for (const range of model.locked) drawBarrier(context, scale, range, paint.height);
  for (const frame of model.edited) drawDiamond(context, middleOf(scale, frame), paint.height / 2);
  for (const frame of model.prompted) drawDot(context, middleOf(scale, frame), paint.height / 2, "#ffffff");
  for (const frame of paint.pending) drawDot(context, middleOf(scale, frame), paint.height / 2, "#e0b054");
}

function drawSegment(
  context: CanvasRenderingContext2D,
  scale: TimelineScale,
  segment: Segment,
  paint: LanePaint,
): void {
  const x = xOf(scale, segment.first);
  const width = Math.max((segment.last - segment.first + 1) * scale.perFrame, 1);
  if (x > scale.width || x + width < 0) return;
  const y = BAR_INSET;
  const height = paint.height - 2 * BAR_INSET;
  context.clearRect(x, y, width, height);
  if (segment.kind === "absent") {
    for (const color of [paint.color, OUTLINE]) {
      context.strokeStyle = color;
      context.lineWidth = 1;
      context.strokeRect(x + 0.5, y + 0.5, Math.max(width - 1, 1), height - 1);
    }
    return;
  }
  const human = segment.kind !== "propagated";
  context.globalAlpha = segment.stale ? 0.45 : human || paint.verified ? 1 : 0.68;
  context.fillStyle = paint.color;
  context.fillRect(x, y, width, height);
  context.globalAlpha = 1;
  if (segment.stale) drawHatch(context, x, x + width, paint.height, "rgb(12 14 18 / 70%)");
  // The darkest palette colours need a light edge on the dark panel.
  context.fillStyle = OUTLINE;
  context.fillRect(x, y, width, paint.verified ? 2 : 1);
}

function drawHatch(
  context: CanvasRenderingContext2D,
  from: number,
  to: number,
  height: number,
  color: string,
): void {
  context.save();
  context.beginPath();
  context.rect(from, BAR_INSET, to - from, height - 2 * BAR_INSET);
  context.clip();
  context.beginPath();
  const start = Math.max(from - height, -height);
  for (let x = start - (start % 6); x < to; x += 6) {
    context.moveTo(x, height);
    context.lineTo(x + height, 0);
  }
  context.strokeStyle = color;
  context.lineWidth = 1;
  context.stroke();
  context.restore();
}

const BARRIER = "#ffd479";
/** Half of the closed padlock's width, and more than its height above and below the middle. */
const PADLOCK = 5;

/** Locked frames: bars at both ends, a line between them and a padlock. */
function drawBarrier(
  context: CanvasRenderingContext2D,
  scale: TimelineScale,
  range: FrameRange,
  height: number,
): void {
  const [from, to] = [
    xOf(scale, range.first),
    Math.max(xOf(scale, range.last + 1), xOf(scale, range.first) + 2),
  ];
  if (from > scale.width || to < 0) return;
  context.fillStyle = BARRIER;
  context.globalAlpha = 0.16;
  context.fillRect(from, 1, to - from, height - 2);
  context.globalAlpha = 1;
  context.fillRect(from, 1, 1.5, height - 2);
  context.fillRect(to - 1.5, 1, 1.5, height - 2);
  context.fillRect(from, height - 3, to - from, 2);
  const first = Math.max(from, 0);
  const roomy = to - first > 4 * PADLOCK;
  drawPadlock(context, roomy ? first + PADLOCK + 4 : (first + to) / 2, height / 2);
}

function drawPadlock(context: CanvasRenderingContext2D, x: number, y: number): void {
  context.lineWidth = 3.5;
  context.strokeStyle = "#0b0d10";
  for (const _pass of ["edge", "ink"]) {
    context.beginPath();
    context.arc(x, y - 1.5, PADLOCK - 2.2, Math.PI, 0);
    context.stroke();
    context.lineWidth = 1.5;
    context.strokeStyle = BARRIER;
  }
  context.fillStyle = "#0b0d10";
  context.fillRect(x - PADLOCK, y - 2.5, 2 * PADLOCK, 8);
  context.fillStyle = BARRIER;
  context.fillRect(x - PADLOCK + 1, y - 1.5, 2 * PADLOCK - 2, 6);
}

/** The mask's area over time; jumps often are errors. */
function drawAreas(
  context: CanvasRenderingContext2D,
  scale: TimelineScale,
  model: LaneModel,
  paint: LanePaint,
): void {
  const bottom = paint.height - BAR_INSET - 1;
  const range = bottom - BAR_INSET - 1;
  context.beginPath();
  let previous = -2;
  for (const [frame, share] of model.areas) {
    const x = middleOf(scale, frame);
    const y = bottom - share * range;
    if (frame === previous + 1) context.lineTo(x, y);
    else context.moveTo(x, y);
    previous = frame;
  }
  context.strokeStyle = "rgb(255 255 255 / 75%)";
  context.lineWidth = 1;
  context.stroke();
}

function middleOf(scale: TimelineScale, frame: number): number {
  return xOf(scale, frame) + scale.perFrame / 2;
}

function drawDot(context: CanvasRenderingContext2D, x: number, y: number, color: string): void {
  context.beginPath();
  context.arc(x, y, 4, 0, 2 * Math.PI);
  context.fillStyle = color;
  context.fill();
  context.strokeStyle = "#0b0d10";
  context.lineWidth = 1.5;
  context.stroke();
}

function drawDiamond(context: CanvasRenderingContext2D, x: number, y: number): void {
  context.beginPath();
  context.moveTo(x, y - 5);
  context.lineTo(x + 5, y);
  context.lineTo(x, y + 5);
  context.lineTo(x - 5, y);
  context.closePath();
  context.fillStyle = "#ffffff";
  context.fill();
  context.strokeStyle = "#0b0d10";
  context.lineWidth = 1.5;
  context.stroke();
}
