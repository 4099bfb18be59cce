import styles from "./Skeleton.module.css";

interface SkeletonProps {
  readonly width?: number | string;
  readonly height?: number | string;
}

/** A placeholder for content that is still loading. */
export function Skeleton({ width = "100%", height = 16 }: SkeletonProps) {
  return <div className={styles.skeleton} style={{ width, height }} aria-hidden="true" />;
}
