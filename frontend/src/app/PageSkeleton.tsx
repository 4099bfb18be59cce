import { Skeleton } from "@/ui/Skeleton";
import styles from "./PageSkeleton.module.css";

/** Shown until a page's code has loaded. */
export function PageSkeleton() {
  return (
    <div className={styles.page} aria-busy="true">
      <Skeleton width={220} height={22} />
      <Skeleton height="60%" />
    </div>
  );
}
