import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { Link, useLocation } from "wouter";
import { videoQuery } from "@/api/queries";
import type { Id } from "@/api/types";
import { buttonClass } from "@/ui/Button";
import { EmptyState } from "@/ui/EmptyState";
import { LoadFailed } from "@/ui/Notice";
import { Skeleton } from "@/ui/Skeleton";
import { ReviewDesk } from "./MaskletReview";
import { QueueList } from "./queue/QueueList";
import styles from "./ReviewPage.module.css";
import { useReviewDesk } from "./useReview";
import { useVerdictKeys } from "./useReviewKeys";

interface ReviewPageProps {
  readonly projectId: Id;
  readonly maskletId: Id | null;
}

/** A verifier's desk: the riskiest masklet first, one key a verdict. */
export function ReviewPage({ projectId, maskletId }: ReviewPageProps) {
  const desk = useReviewDesk(projectId, maskletId);
  const { current } = desk;
  useVerdictKeys(desk);
  useAddress(projectId, current?.masklet.id ?? null);
  const video = useQuery({ ...videoQuery(current?.video_id ?? ""), enabled: current !== null }).data;
  if (desk.error && !desk.items) {
    return (
      <div className={styles.place}>
        <LoadFailed error={desk.error} onRetry={desk.retry} />
      </div>
    );
  }
  if (!desk.items) return <DeskSkeleton />;
  if (!current) return <NothingLeft projectId={projectId} numDecided={desk.numDecided} />;
  return (
    <div className={styles.page} data-testid="review-page">
      <QueueList
        queue={desk.queue}
        current={current}
        skipped={desk.skipped}
        numDecided={desk.numDecided}
        onSelect={desk.select}
      />
      {video ? <ReviewDesk desk={desk} item={current} video={video} /> : <Skeleton height="100%" />}
    </div>
  );
}

/** The address names the masklet on the desk, so it can be sent to someone. */
function useAddress(projectId: Id, maskletId: Id | null): void {
  const [, navigate] = useLocation();
  useEffect(() => {
    const page = `/projects/${projectId}/review`;
    navigate(maskletId === null ? page : `${page}/${maskletId}`, { replace: true });
  }, [navigate, projectId, maskletId]);
}

interface NothingLeftProps {
  readonly projectId: Id;
  readonly numDecided: number;
}

function NothingLeft({ projectId, numDecided }: NothingLeftProps) {
  return (
    <EmptyState
      icon="check"
      title={numDecided > 0 ? "All reviewed" : "Nothing waits for a verdict"}
      testId="nothing-to-review"
      action={
        <Link href={`/projects/${projectId}`} className={buttonClass("primary")}>
          Back to the project
        </Link>
      }
    >
      {numDecided > 0
        ? "Every masklet of this project has its verdict. Z takes the last one back."
        : "Masklets appear here once they have masks."}
    </EmptyState>
  );
}

function DeskSkeleton() {
  return (
    <div className={styles.page} aria-busy="true">
      <div className={styles.queueSkeleton}>
        <Skeleton height={36} />
        <Skeleton height={36} />
        <Skeleton height={36} />
      </div>
      <div className={styles.place}>
        <Skeleton height="100%" />
      </div>
    </div>
  );
}
