import { type PlotOptions, plot } from "@observablehq/plot";
import { useLayoutEffect, useRef } from "react";
import styles from "./Chart.module.css";

interface ChartProps {
  /** What the chart shows, for those who cannot see it. */
  readonly label: string;
  /** Marks and scales of Observable Plot; the same object as long as nothing changes. Colours are design tokens. */
  readonly options: PlotOptions;
}

/** A chart of Observable Plot with our type and colours. */
export function Chart({ label, options }: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    host.current?.replaceChildren(plot({ ...options, className: "chart" }));
  }, [options]);
  return <div ref={host} className={styles.chart} role="img" aria-label={label} />;
}
