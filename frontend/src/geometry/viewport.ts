import { type ScreenPoint, type Size, screenPoint, type VideoPoint, videoPoint } from "./points";

/** Where the video lies on the stage: `screen = video * scale + offset`, CSS pixels. */
export interface Viewport {
  readonly scale: number;
  readonly offsetX: number;
  readonly offsetY: number;
}

const LARGEST_SCALE = 40;
const MARGIN = 24;

export function toScreen(view: Viewport, point: VideoPoint): ScreenPoint {
  return screenPoint(point.x * view.scale + view.offsetX, point.y * view.scale + view.offsetY);
}

export function toVideo(view: Viewport, point: ScreenPoint): VideoPoint {
  return videoPoint((point.x - view.offsetX) / view.scale, (point.y - view.offsetY) / view.scale);
}

/** The whole video, centred, with a small margin. */
export function fit(video: Size, stage: Size): Viewport {
  const free = { width: Math.max(stage.width - MARGIN, 1), height: Math.max(stage.height - MARGIN, 1) };
  return centred(video, stage, Math.min(free.width / video.width, free.height / video.height));
}

/** The video centred at a given scale. */
export function centred(video: Size, stage: Size, scale: number): Viewport {
  return {
    scale,
    offsetX: (stage.width - video.width * scale) / 2,
    offsetY: (stage.height - video.height * scale) / 2,
  };
}

/** Scale by `factor`; what lies under `anchor` stays there. */
export function zoomAt(view: Viewport, anchor: ScreenPoint, factor: number, smallest: number): Viewport {
  const scale = Math.min(Math.max(view.scale * factor, smallest), LARGEST_SCALE);
  const applied = scale / view.scale;
  return {
    scale,
    offsetX: anchor.x - (anchor.x - view.offsetX) * applied,
    offsetY: anchor.y - (anchor.y - view.offsetY) * applied,
  };
}

/** Move by CSS pixels; some of the video always stays on the stage. */
export function pan(view: Viewport, dx: number, dy: number, video: Size, stage: Size): Viewport {
  const keep = 48;
  const width = video.width * view.scale;
  const height = video.height * view.scale;
  return {
    scale: view.scale,
    offsetX: Math.min(Math.max(view.offsetX + dx, keep - width), stage.width - keep),
    offsetY: Math.min(Math.max(view.offsetY + dy, keep - height), stage.height - keep),
  };
}

/** The scale and offset that put `box` (video pixels) in the middle of the stage with room around it. */
export function around(
  box: readonly [number, number, number, number],
  stage: Size,
  largest = LARGEST_SCALE,
): Viewport {
  const [x, y, width, height] = box;
  const scale = Math.min(
    (stage.width * 0.6) / Math.max(width, 1),
    (stage.height * 0.6) / Math.max(height, 1),
    largest,
  );
  return {
    scale,
    offsetX: stage.width / 2 - (x + width / 2) * scale,
    offsetY: stage.height / 2 - (y + height / 2) * scale,
  };
}
