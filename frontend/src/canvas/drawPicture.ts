import { inScreenSpace, inVideoSpace, PIXEL_ZOOM, type Scene } from "./scene";

const LETTERBOX = "#0f1115";

/** Clears the stage and draws the video's picture. */
export function drawPicture(context: CanvasRenderingContext2D, scene: Scene): void {
  inScreenSpace(context, scene);
  context.fillStyle = LETTERBOX;
  context.fillRect(0, 0, scene.stage.width, scene.stage.height);
  if (scene.picture === null) return;
  inVideoSpace(context, scene);
  context.imageSmoothingEnabled = scene.view.scale < PIXEL_ZOOM;
  context.imageSmoothingQuality = scene.moving === true ? "low" : "high";
  context.drawImage(scene.picture, 0, 0, scene.video.width, scene.video.height);
}
