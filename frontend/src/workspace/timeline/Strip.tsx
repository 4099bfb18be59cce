import { useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Filmstrip } from "@/api/types";
import { drawFilmstrip } from "./painters/drawFilmstrip";
import { sizedContext } from "./painters/timelineCanvas";
import styles from "./Timeline.module.css";
import type { TimelineScale } from "./timelineScale";

const HEIGHT = 40;

interface StripProps {
  readonly scale: TimelineScale;
  readonly filmstrip: Filmstrip | null;
}

/** The filmstrip; its row keeps its height while it loads. */
export function Strip({ scale, filmstrip }: StripProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const sheet = useSheet(filmstrip?.url ?? null);
  useLayoutEffect(() => {
    const context = canvas.current && sizedContext(canvas.current, scale.width, HEIGHT);
    if (!context) return;
    context.clearRect(0, 0, scale.width, HEIGHT);
    if (filmstrip !== null && sheet !== null) drawFilmstrip(context, scale, filmstrip, sheet, HEIGHT);
  }, [scale, filmstrip, sheet]);
  return (
    <div className={styles.row} style={{ height: HEIGHT }}>
      <span className={styles.header} />
      <canvas ref={canvas} className={styles.track} style={{ width: scale.width, height: HEIGHT }} />
    </div>
  );
}

function useSheet(url: string | null): HTMLImageElement | null {
  const [sheet, setSheet] = useState<HTMLImageElement | null>(null);
  useEffect(() => {
    if (url === null) return;
    const image = new Image();
    image.src = url;
    let wanted = true;
    image.decode().then(
      () => wanted && setSheet(image),
      () => undefined,
    );
    return () => {
      wanted = false;
    };
  }, [url]);
  return sheet;
}
