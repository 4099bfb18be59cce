import styles from "./Progress.module.css";

interface ProgressBarProps {
  /** 0 to 1; null while the total is unknown. */
  readonly value: number | null;
  readonly label: string;
}

export function ProgressBar({ value, label }: ProgressBarProps) {
  const percent = value === null ? undefined : Math.round(value * 100);
  return (
    <div
      className={styles.bar}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(percent === undefined ? {} : { "aria-valuenow": percent })}
    >
      <div
        className={value === null ? styles.unknown : styles.fill}
        style={value === null ? undefined : { transform: `scaleX(${Math.min(1, Math.max(0, value))})` }}
      />
    </div>
  );
}

interface ProgressRingProps {
  readonly done: number;
  readonly total: number;
  readonly label: string;
  readonly size?: number;
}

/** `done` of `total` as a ring with the share in the middle; an empty ring when `total` is 0. */
export function ProgressRing({ done, total, label, size = 36 }: ProgressRingProps) {
  const radius = (size - 5) / 2;
  const length = 2 * Math.PI * radius;
  const share = total === 0 ? 0 : Math.min(1, done / total);
  const circle = { cx: size / 2, cy: size / 2, r: radius, fill: "none", strokeWidth: 3 };
  return (
    <svg width={size} height={size} viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <circle {...circle} className={styles.track} />
      {share > 0 && (
        <circle
          {...circle}
          className={share === 1 ? styles.complete : styles.arc}
          strokeDasharray={`${length * share} ${length}`}
          strokeLinecap="round"
          transform={`rotate(-90 ${size / 2} ${size / 2})`}
        />
      )}
      <text className={styles.share} x="50%" y="50%" textAnchor="middle" dominantBaseline="central">
        {total === 0 ? "–" : Math.round(share * 100)}
      </text>
    </svg>
  );
}
