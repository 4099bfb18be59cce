/** The two coordinate spaces of the stage. They are branded, so mixing them does not compile. */

declare const space: unique symbol;
type In<S extends string> = { readonly x: number; readonly y: number; readonly [space]: S };

/** Pixels of the video of record, (0, 0) at the top left corner of the top left pixel; the only space the API speaks. */
export type VideoPoint = In<"video">;
/** CSS pixels inside the stage element. */
export type ScreenPoint = In<"screen">;

export interface Size {
  readonly width: number;
  readonly height: number;
}

export function videoPoint(x: number, y: number): VideoPoint {
  return { x, y } as VideoPoint;
}

export function screenPoint(x: number, y: number): ScreenPoint {
  return { x, y } as ScreenPoint;
}

export function distance(a: { x: number; y: number }, b: { x: number; y: number }): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** The nearest point of the video's rectangle. */
export function insideVideo(point: VideoPoint, size: Size): VideoPoint {
  return videoPoint(Math.min(Math.max(point.x, 0), size.width), Math.min(Math.max(point.y, 0), size.height));
}

export function isInsideVideo(point: VideoPoint, size: Size): boolean {
  return point.x >= 0 && point.y >= 0 && point.x < size.width && point.y < size.height;
}

/** An axis-parallel rectangle in video pixels, `x0 <= x1` and `y0 <= y1`. */
export interface VideoBox {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

export function boxBetween(a: VideoPoint, b: VideoPoint): VideoBox {
  return { x0: Math.min(a.x, b.x), y0: Math.min(a.y, b.y), x1: Math.max(a.x, b.x), y1: Math.max(a.y, b.y) };
}
