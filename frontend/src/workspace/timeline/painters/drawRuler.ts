import { labelStep, type TimelineScale, xOf } from "../timelineScale";

export interface TimelineInk {
  readonly background: string;
  readonly line: string;
  readonly text: string;
  readonly faint: string;
  readonly accent: string;
}

/** Frame numbers, a tick per annotated frame, and the loop range. */
export function drawRuler(
  context: CanvasRenderingContext2D,
  scale: TimelineScale,
  options: {
    readonly height: number;
    readonly stride: number;
    readonly ink: TimelineInk;
    readonly loop: { readonly first: number; readonly last: number } | null;
  },
): void {
  const { height, stride, ink, loop } = options;
  context.clearRect(0, 0, scale.width, height);
  if (loop !== null) {
    context.fillStyle = ink.accent;
    context.globalAlpha = 0.25;
    context.fillRect(xOf(scale, loop.first), 0, (loop.last - loop.first + 1) * scale.perFrame, height);
    context.globalAlpha = 1;
  }
  const last = Math.min(scale.numFrames, Math.ceil(scale.first + scale.width / scale.perFrame));
  if (stride * scale.perFrame >= 4) {
    context.fillStyle = ink.line;
    const from = Math.floor(scale.first / stride) * stride;
    for (let frame = from; frame < last; frame += stride) {
      context.fillRect(Math.round(xOf(scale, frame) + scale.perFrame / 2), height - 5, 1, 5);
    }
  }
  const step = labelStep(scale, 56);
  context.font = "11px 'Inter Variable', system-ui, sans-serif";
  context.textBaseline = "middle";
  context.textAlign = "left";
  for (let frame = Math.floor(scale.first / step) * step; frame < last; frame += step) {
    const x = Math.round(xOf(scale, frame) + scale.perFrame / 2);
    context.fillStyle = ink.faint;
    context.fillRect(x, height - 9, 1, 9);
    context.fillStyle = ink.text;
    context.fillText(String(frame), x + 4, height / 2 - 1);
  }
}
