import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { Link, useLocation } from "wouter";
import { videoQuery } from "@/api/queries";
import type { Id } from "@/api/types";
import { keyText } from "@/keys/shortcut";
import { buttonClass } from "@/ui/Button";
import { EmptyState } from "@/ui/EmptyState";
import { LoadFailed } from "@/ui/Notice";
import { Skeleton } from "@/ui/Skeleton";
import { MaskletReview } from "./MaskletReview";
import { QueueList } from "./queue/QueueList";
import styles from "./ReviewPage.module.css";
import { VERDICT_SHORTCUTS } from "./shortcuts";
import { type Review, useReview } from "./useReview";
import { useVerdictKeys } from "./useReviewKeys";
import { WaitingVerdicts } from "./VerdictBar";

interface ReviewPageProps {
  readonly projectId: Id;
  readonly maskletId: Id | null;
}

/** The review page: riskiest masklet first, one key per verdict. */
export function ReviewPage({ projectId, maskletId }: ReviewPageProps) {
  const review = useReview(projectId, maskletId);
  const { current } = review;
  useVerdictKeys(review);
  useAddress(projectId, current?.masklet.id ?? null);
  const video = useQuery({ ...videoQuery(current?.video_id ?? ""), enabled: current !== null }).data;
  if (review.error && !review.items) {
    return (
      <div className={styles.centre}>
        <LoadFailed error={review.error} onRetry={review.retry} />
      </div>
    );
  }
  if (!review.items) return <ReviewSkeleton />;
  if (!current) return <NothingLeft projectId={projectId} review={review} />;
  return (
    <div className={styles.page} data-testid="review-page">
      <QueueList
        queue={review.queue}
        current={current}
        skipped={review.skipped}
        numDecided={review.numDecided}
        onSelect={review.select}
      />
      {video ? <MaskletReview review={review} item={current} video={video} /> : <Skeleton height="100%" />}
    </div>
  );
}

/** Keeps the shown masklet in the URL, so that it can be shared. */
function useAddress(projectId: Id, maskletId: Id | null): void {
  const [, navigate] = useLocation();
  useEffect(() => {
    const page = `/projects/${projectId}/review`;
    navigate(maskletId === null ? page : `${page}/${maskletId}`, { replace: true });
  }, [navigate, projectId, maskletId]);
}

interface NothingLeftProps {
  readonly projectId: Id;
  readonly review: Review;
}

function NothingLeft({ projectId, review }: NothingLeftProps) {
  const { numDecided, waiting } = review;
  if (waiting.length > 0) {
    return (
      <EmptyState
        icon="warning"
        title="Your verdicts wait for the service"
        alone
        testId="verdicts-wait"
        action={<WaitingVerdicts review={review} />}
      >
        They are sent by themselves once it answers. Nothing else is left for you to judge.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon="check"
      title={numDecided > 0 ? "All reviewed" : "Nothing waits for a verdict"}
      alone
      testId="nothing-to-review"
      action={
        <Link href={`/projects/${projectId}`} className={buttonClass("primary")}>
          Back to the project
        </Link>
      }
    >
      {numDecided > 0
        ? `Nothing is left for you to judge. ${keyText(VERDICT_SHORTCUTS.undo)} takes the last verdict back.`
        : "Objects appear here once their annotator has submitted them."}
    </EmptyState>
  );
}

function ReviewSkeleton() {
  return (
    <div className={styles.page} aria-busy="true">
      <div className={styles.queueSkeleton}>
        <Skeleton height={36} />
        <Skeleton height={36} />
        <Skeleton height={36} />
      </div>
      <div className={styles.centre}>
        <Skeleton height="100%" />
      </div>
    </div>
  );
}
