import styles from "./Skeleton.module.css";

interface SkeletonProps {
  readonly width?: number | string;
  readonly height?: number | string;
}

/** The place where content will be. */
export function Skeleton({ width = "100%", height = 16 }: SkeletonProps) {
  return <div className={styles.skeleton} style={{ width, height }} aria-hidden="true" />;
}
