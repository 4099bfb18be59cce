import type { CSSProperties } from "react";
import type { ObjectLook } from "@/canvas/palette";
import styles from "./ObjectChip.module.css";

/** An object's colour and number: the same tag as on the video. */
export function ObjectChip({ look, number }: { readonly look: ObjectLook; readonly number: number }) {
  const colors = { "--object": look.color, "--ink": look.ink } as CSSProperties;
  return (
    <span className={styles.chip} style={colors} data-contour={look.contour}>
      {number}
    </span>
  );
}
