import type { Size, VideoPoint } from "@/geometry/points";
import type { Viewport } from "@/geometry/viewport";
import type { MaskShape } from "./maskShape";
import type { ObjectLook } from "./palette";

export type OverlayMode = "fill" | "contour" | "both";

/** Everything the painters need to draw one state of the stage. They read nothing else. */
export interface Scene {
  readonly view: Viewport;
  readonly video: Size;
  /** Stage size in CSS pixels, and device pixels per CSS pixel. */
  readonly stage: Size;
  readonly pixelRatio: number;
  readonly picture: CanvasImageSource | null;
  /** Playing: speed matters more than the last bit of sharpness. */
  readonly moving?: boolean;
  readonly objects: readonly SceneObject[];
  readonly overlay: { readonly mode: OverlayMode; readonly opacity: number };
}

export interface SceneObject {
  readonly number: number;
  readonly look: ObjectLook;
  readonly shape: MaskShape;
  readonly selected: boolean;
  /** Drawn fainter, because another object is selected. */
  readonly dimmed: boolean;
}

export interface ScenePoint {
  readonly at: VideoPoint;
  readonly positive: boolean;
  /** Sent, but its mask has not arrived yet. */
  readonly waiting: boolean;
}

/** From this zoom on single pixels are visible, so the exact pixel boundary is drawn. */
export const PIXEL_ZOOM = 3;

/** Draw in video pixels. */
export function inVideoSpace(context: CanvasRenderingContext2D, scene: Scene): void {
  const scale = scene.view.scale * scene.pixelRatio;
  const { offsetX, offsetY } = scene.view;
  context.setTransform(scale, 0, 0, scale, offsetX * scene.pixelRatio, offsetY * scene.pixelRatio);
}

/** Draw in CSS pixels of the stage. */
export function inScreenSpace(context: CanvasRenderingContext2D, scene: Scene): void {
  context.setTransform(scene.pixelRatio, 0, 0, scene.pixelRatio, 0, 0);
}
