import { axisX, axisY, dot, gridX, type PlotOptions, ruleY, tickX } from "@observablehq/plot";
import { useMemo } from "react";
import type { Estimate } from "@/api/types";
import { Chart } from "./Chart";

interface IntervalRow {
  readonly name: string;
  readonly estimate: Estimate;
  /** The paper's value. */
  readonly paper: number | null;
}

interface IntervalChartProps {
  readonly label: string;
  readonly unit: string;
  readonly rows: readonly IntervalRow[];
}

/** A dot and its 95 % interval for each row, the paper's value as a line across it. */
export function IntervalChart({ label, unit, rows }: IntervalChartProps) {
  return <Chart label={label} options={useMemo(() => intervalPlot(rows, unit), [rows, unit])} />;
}

const ROW = 38;
const AXIS = 48;

function intervalPlot(rows: readonly IntervalRow[], unit: string): PlotOptions {
  const y = (row: IntervalRow) => row.name;
  const inPaper = rows.filter(({ paper }) => paper !== null);
  const valued = rows.filter(({ estimate }) => estimate.value !== null);
  const bounded = rows.filter(({ estimate: { low, high } }) => low !== null && high !== null);
  return {
    width: 820,
    height: rows.length * ROW + AXIS,
    marginTop: 4,
    marginLeft: 160,
    marginRight: 24,
    marginBottom: AXIS - 4,
    x: { domain: [0, farthest(rows)], nice: true },
    y: { domain: rows.map(y), padding: 0.3 },
    marks: [
      gridX({ stroke: "var(--line)", strokeOpacity: 1, ticks: 5 }),
      axisX({ ticks: 5, tickSize: 0, label: unit, labelAnchor: "center", labelArrow: "none" }),
      axisY({ tickSize: 0, tickPadding: 14, label: null, fill: "var(--text)" }),
      tickX(inPaper, {
        x: "paper",
        y,
        stroke: "var(--warn)",
        strokeWidth: 1.5,
        strokeDasharray: "3 2",
        title: ({ paper }: IntervalRow) => `Paper: ${paper} ${unit}`,
      }),
      ruleY(bounded, {
        x1: ({ estimate }: IntervalRow) => estimate.low,
        x2: ({ estimate }: IntervalRow) => estimate.high,
        y,
        stroke: "var(--accent)",
        strokeWidth: 2,
        strokeLinecap: "round",
      }),
      dot(valued, {
        x: ({ estimate }: IntervalRow) => estimate.value,
        y,
        r: 4.5,
        fill: "var(--accent-strong)",
        title: ({ estimate }: IntervalRow) => `${estimate.value?.toFixed(2)} ${unit}`,
      }),
    ],
  };
}

/** The largest value on the axis; at least 1, so that small values do not look large. */
function farthest(rows: readonly IntervalRow[]): number {
  return Math.max(
    1,
    ...rows.flatMap(({ estimate, paper }) => [estimate.value ?? 0, estimate.high ?? 0, paper ?? 0]),
  );
}
