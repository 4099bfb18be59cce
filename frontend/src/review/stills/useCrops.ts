import { useEffect, useState } from "react";
import type { FrameMask } from "@/api/types";
import { lookOf } from "@/canvas/palette";
import type { Size } from "@/geometry/points";
import { maskShape } from "../maskShapes";
import { shotOf, viewportOf, wholeOf } from "../player/cameraPath";
import { StillDecoder } from "./stillDecoder";

export type Crops = ReadonlyMap<number, HTMLCanvasElement>;

/** Sharp on a dense screen at the size the sheet shows. */
const SIDE = 224;
const NO_CROPS: Crops = new Map();

interface CropsOf {
  readonly url: string | null;
  readonly size: Size;
  readonly frames: readonly number[];
  readonly masks: ReadonlyMap<number, FrameMask>;
  readonly colorIndex: number;
}

/** Stills of the object, worst first, from a decoder of their own, so that the loop never waits. */
export function useCrops({ url, size, frames, masks, colorIndex }: CropsOf): Crops {
  const decoder = useStillDecoder(url);
  const [crops, setCrops] = useState(NO_CROPS);
  useEffect(() => {
    setCrops(NO_CROPS);
    decoder?.want(frames, (frameIndex, picture) => {
      const crop = cropOf(picture, masks.get(frameIndex), size, colorIndex);
      setCrops((known) => new Map(known).set(frameIndex, crop));
    });
  }, [decoder, size, frames, masks, colorIndex]);
  return crops;
}

function useStillDecoder(url: string | null): StillDecoder | null {
  const [decoder, setDecoder] = useState<StillDecoder | null>(null);
  useEffect(() => {
    if (url === null) return;
    const opened = new StillDecoder(url);
    setDecoder(opened);
    return () => opened.close();
  }, [url]);
  return decoder;
}

function cropOf(
  picture: ImageBitmap,
  mask: FrameMask | undefined,
  size: Size,
  colorIndex: number,
): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = SIDE;
  canvas.height = SIDE;
  const context = canvas.getContext("2d");
  if (!context) return canvas;
  const view = viewportOf(shotOf(mask, size) ?? wholeOf(size), size, { width: SIDE, height: SIDE });
  context.setTransform(view.scale, 0, 0, view.scale, view.offsetX, view.offsetY);
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, size.width, size.height);
  if (!mask || mask.area === 0) return canvas;
  const { smooth } = maskShape(mask);
  const { color } = lookOf(colorIndex);
  context.globalAlpha = 0.32;
  context.fillStyle = color;
  context.fill(smooth, "evenodd");
  context.globalAlpha = 1;
  for (const [width, stroke] of [
    [4, "rgb(0 0 0 / 70%)"],
    [2, color],
  ] as const) {
    context.lineWidth = width / view.scale;
    context.strokeStyle = stroke;
    context.stroke(smooth);
  }
  return canvas;
}
