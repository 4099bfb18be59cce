import type { Job, Video } from "@/api/types";
import { etaText, percentText } from "@/ui/numbers";
import { ProgressBar } from "@/ui/ProgressBar";
import styles from "./VideoCard.module.css";

/** Progress of the video of record in the job's units, with the time left. */
export function IngestProgress({ video }: { readonly video: Video }) {
  const { job } = video;
  const share = shareOf(job);
  return (
    <div className={styles.ingest} data-testid="ingest-progress">
      <span className={styles.ingestLine}>
        <span>{stepText(job)}</span>
        <span>{job?.state === "running" && share !== null && numbersText(job, share)}</span>
      </span>
      <ProgressBar value={share} label={`Preparing ${video.name}`} />
    </div>
  );
}

/** Still while the job is queued; animated while it runs with an unknown total. */
function shareOf(job: Job | null): number | null {
  if (job?.state !== "running") return 0;
  return job.total > 0 ? job.done / job.total : null;
}

function stepText(job: Job | null): string {
  if (!job || job.state === "queued") return "Waiting its turn";
  return job.message ?? "Preparing";
}

function numbersText(job: Job, share: number): string {
  return [percentText(share), etaText(job.eta_seconds)].filter((part) => part !== null).join(" · ");
}
