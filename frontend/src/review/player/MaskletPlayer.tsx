import { useEffect, useLayoutEffect, useRef, useState } from "react";
import type { FrameMask } from "@/api/types";
import { drawMasks } from "@/canvas/drawMasks";
import { drawPicture } from "@/canvas/drawPicture";
import { lookOf } from "@/canvas/palette";
import type { Scene } from "@/canvas/scene";
import type { Size } from "@/geometry/points";
import { Notice } from "@/ui/Notice";
import { Skeleton } from "@/ui/Skeleton";
import { maskShape } from "../maskShapes";
import { type Shot, viewportOf } from "./cameraPath";
import styles from "./MaskletPlayer.module.css";
import type { Loop } from "./useLoop";
import type { OpenVideo } from "./useVideoSource";

interface MaskletPlayerProps {
  readonly video: OpenVideo;
  readonly size: Size;
  readonly loop: Loop;
  readonly shot: Shot;
  readonly mask: FrameMask | null;
  readonly look: { readonly colorIndex: number; readonly number: number };
  readonly maskHidden: boolean;
}

/** One masklet, close up and looping. */
export function MaskletPlayer({ video, size, loop, shot, mask, look, maskHidden }: MaskletPlayerProps) {
  const host = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const stage = useElementSize(host);
  const { frame } = loop;
  // Before the browser paints, so that frame number and picture never disagree.
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d", { alpha: false });
    const picture = frame === null ? undefined : video.source?.frame(frame);
    // A frame that left memory keeps the last picture rather than flashing black.
    if (!context || !picture || stage.width === 0) return;
    const scene = sceneOf({ picture, size, stage, shot, mask, look, maskHidden });
    drawPicture(context, scene);
    drawMasks(context, scene);
  });
  const pixelRatio = window.devicePixelRatio;
  return (
    <div ref={host} className={styles.stage} data-testid="review-player" data-frame={frame ?? ""}>
      <canvas
        ref={canvas}
        className={styles.canvas}
        width={Math.max(1, Math.round(stage.width * pixelRatio))}
        height={Math.max(1, Math.round(stage.height * pixelRatio))}
        role="img"
        aria-label={`Frame ${frame ?? 0} with the mask`}
      />
      {video.failure && (
        <div className={styles.over}>
          <Notice tone="bad" title="This browser cannot play the video">
            {video.failure.detail} The verdict keys still work.
          </Notice>
        </div>
      )}
      {frame === null && !video.failure && (
        <div className={styles.over}>
          <Skeleton height="100%" />
        </div>
      )}
    </div>
  );
}

type SceneParts = Omit<MaskletPlayerProps, "video" | "loop"> & {
  readonly picture: ImageBitmap;
  readonly stage: Size;
};

function sceneOf({ picture, size, stage, shot, mask, look, maskHidden }: SceneParts): Scene {
  const shape = mask && mask.area > 0 && !maskHidden ? maskShape(mask) : null;
  return {
    view: viewportOf(shot, size, stage),
    video: size,
    stage,
    pixelRatio: window.devicePixelRatio,
    picture,
    objects: shape
      ? [{ number: look.number, look: lookOf(look.colorIndex), shape, selected: false, dimmed: false }]
      : [],
    overlay: { mode: "both", opacity: 0.4 },
  };
}

const NO_SIZE: Size = { width: 0, height: 0 };

function useElementSize(element: { readonly current: HTMLElement | null }): Size {
  const [size, setSize] = useState(NO_SIZE);
  useEffect(() => {
    const observed = element.current;
    if (!observed) return;
    const observer = new ResizeObserver(() =>
      setSize({ width: observed.clientWidth, height: observed.clientHeight }),
    );
    observer.observe(observed);
    return () => observer.disconnect();
  }, [element]);
  return size;
}
