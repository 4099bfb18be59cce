import type { DatasetExport } from "@/api/types";
import { buttonClass } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { Notice } from "@/ui/Notice";
import { bytesText, countText, dateText, etaText, percentText } from "@/ui/numbers";
import { ProgressBar } from "@/ui/ProgressBar";
import styles from "./ExportDialog.module.css";
import { contentFacts, gapFacts } from "./exportReport";

/** One dataset: its progress, or its contents and a download. */
export function ExportRow({ item }: { readonly item: DatasetExport }) {
  return (
    <li className={styles.row} data-testid="export-row" data-state={item.state}>
      <div className={styles.words}>
        <span className={styles.name}>
          {item.format.replaceAll("_", "-").toUpperCase()}
          <span className={styles.date}>
            {item.only_satisfactory ? "satisfactory only" : "all but rejected"}, {dateText(item.created_at)}
          </span>
        </span>
        <RowDetail item={item} />
      </div>
      {item.download_url && (
        <a className={buttonClass()} href={item.download_url} download data-testid="download-export">
          <Icon name="download" />
          {item.size_bytes === null ? "Download" : bytesText(item.size_bytes)}
        </a>
      )}
    </li>
  );
}

function RowDetail({ item }: { readonly item: DatasetExport }) {
  const { job, problem, report } = item;
  if (item.state === "failed") {
    return (
      <Notice tone="bad" title={problem?.title ?? "This export failed"}>
        {problem?.detail}
      </Notice>
    );
  }
  if (item.state !== "done") {
    const share = job?.state !== "running" ? 0 : job.total > 0 ? job.done / job.total : null;
    const numbers = [share && percentText(share), job && etaText(job.eta_seconds)].filter(Boolean);
    return (
      <div className={styles.progress}>
        <ProgressBar value={share} label="Writing the dataset" />
        <span className={styles.facts}>{numbers.length > 0 ? numbers.join(" · ") : waitingText(job)}</span>
      </div>
    );
  }
  const content = [countText(item.num_videos, "video"), countText(item.num_masklets, "masklet")];
  return (
    <>
      <span className={styles.facts}>{[...content, ...contentFacts(report)].join(" · ")}</span>
      {gapFacts(report).map((gap) => (
        <span key={gap} className={styles.facts}>
          {gap}
        </span>
      ))}
    </>
  );
}

function waitingText(job: DatasetExport["job"]): string {
  return job?.state === "running" ? "Writing" : "Waiting its turn";
}
