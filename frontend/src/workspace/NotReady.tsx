import { Link } from "wouter";
import type { Video } from "@/api/types";
import { buttonClass } from "@/ui/Button";
import { EmptyState } from "@/ui/EmptyState";
import { etaText } from "@/ui/numbers";
import { ProgressBar } from "@/ui/ProgressBar";
import styles from "./Workspace.module.css";

/** A video that is still being prepared, or could not be. */
export function NotReady({ video }: { readonly video: Video }) {
  const back = (
    <Link href={`/projects/${video.project_id}`} className={buttonClass()}>
      Back to the project
    </Link>
  );
  if (video.state === "failed") {
    return (
      <div className={styles.centre}>
        <EmptyState
          icon="warning"
          title={video.problem?.title ?? "This video could not be prepared"}
          action={back}
          alone
          testId="video-failed"
        >
          {video.problem?.detail ?? "Nothing of it was kept. Upload it again, or another copy of it."}
        </EmptyState>
      </div>
    );
  }
  const job = video.job;
  const share = job !== null && job.total > 0 ? job.done / job.total : null;
  const facts = [
    job !== null && job.total > 0 ? `${job.done} of ${job.total} ${job.unit}` : null,
    etaText(job?.eta_seconds ?? null),
  ];
  return (
    <div className={styles.centre}>
      <div className={styles.ingest} data-testid="video-ingesting">
        <h1>Preparing {video.name}</h1>
        <ProgressBar value={share} label="Preparing the video" />
        <p>{facts.filter((fact) => fact !== null).join(" · ") || "Waiting for a free worker"}</p>
        <p>The workspace opens by itself. You can leave this page; preparing goes on.</p>
      </div>
    </div>
  );
}
