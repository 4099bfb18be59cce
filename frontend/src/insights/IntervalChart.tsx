import type { Estimate } from "@/api/types";
import styles from "./Insights.module.css";

interface IntervalChartProps {
  readonly label: string;
  readonly unit: string;
  readonly rows: readonly {
    readonly name: string;
    readonly estimate: Estimate;
    readonly paper: number | null;
  }[];
}

const WIDTH = 640;
const ROW = 34;
const LEFT = 140;
const RIGHT = 56;
const TOP = 8;

/** A dot and its 95 % interval for each row, the paper's value as a line across it. */
export function IntervalChart({ label, unit, rows }: IntervalChartProps) {
  const most = Math.max(
    ...rows.flatMap(({ estimate, paper }) => [estimate.value ?? 0, estimate.high ?? 0, paper ?? 0]),
    1,
  );
  const top = niceTop(most);
  const x = (value: number) => LEFT + (value / top) * (WIDTH - LEFT - RIGHT);
  const bottom = TOP + rows.length * ROW;
  return (
    <svg className={styles.chart} viewBox={`0 0 ${WIDTH} ${bottom + 34}`} role="img" aria-label={label}>
      {[0, 0.25, 0.5, 0.75, 1].map((part) => (
        <g key={part}>
          <line x1={x(part * top)} x2={x(part * top)} y1={TOP} y2={bottom} className={styles.grid} />
          <text x={x(part * top)} y={bottom + 14} className={styles.axis} textAnchor="middle">
            {Number((part * top).toFixed(2))}
          </text>
        </g>
      ))}
      <text x={(LEFT + WIDTH - RIGHT) / 2} y={bottom + 30} className={styles.axis} textAnchor="middle">
        {unit}
      </text>
      {rows.map(({ name, estimate, paper }, index) => {
        const y = TOP + index * ROW + ROW / 2;
        return (
          <g key={name}>
            <text x={LEFT - 12} y={y + 4} className={styles.rowName} textAnchor="end">
              {name}
            </text>
            {paper !== null && (
              <line x1={x(paper)} x2={x(paper)} y1={y - 12} y2={y + 12} className={styles.paper}>
                <title>{`Paper: ${paper} ${unit}`}</title>
              </line>
            )}
            {estimate.low !== null && estimate.high !== null && (
              <line x1={x(estimate.low)} x2={x(estimate.high)} y1={y} y2={y} className={styles.interval} />
            )}
            {estimate.value !== null && (
              <circle cx={x(estimate.value)} cy={y} r={4.5} className={styles.dot}>
                <title>{`${estimate.value.toFixed(2)} ${unit}`}</title>
              </circle>
            )}
          </g>
        );
      })}
    </svg>
  );
}

/** The next of 1, 2, 4, 5, 8 and 10 times a power of ten. */
function niceTop(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most));
  return ([1, 2, 4, 5, 8].find((step) => step * power >= most) ?? 10) * power;
}
