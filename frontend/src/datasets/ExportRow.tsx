import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { deleteExport } from "@/api/exports";
import { messageOf } from "@/api/problem";
import { exportFormatsQuery, exportsQuery } from "@/api/queries";
import type { DatasetExport } from "@/api/types";
import { buttonClass, IconButton } from "@/ui/Button";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { Icon } from "@/ui/Icon";
import { Notice } from "@/ui/Notice";
import { bytesText, countText, dateText, etaText, percentText } from "@/ui/numbers";
import { ProgressBar } from "@/ui/ProgressBar";
import { Tooltip } from "@/ui/Tooltip";
import { showToast } from "@/ui/toasts";
import styles from "./ExportDialog.module.css";
import { choiceWords } from "./exportChoices";
import { contentFacts, gapFacts } from "./exportReport";

/** One dataset: its progress, or its contents and a download. */
export function ExportRow({ item }: { readonly item: DatasetExport }) {
  const { data: formats } = useQuery(exportFormatsQuery);
  const format = formats?.find(({ name }) => name === item.format);
  return (
    <li className={styles.row} data-testid="export-row" data-state={item.state}>
      <div className={styles.words}>
        <span className={styles.name}>
          {format?.title ?? item.format}
          <span className={styles.date}>
            {[
              item.only_satisfactory ? "satisfactory only" : "all but rejected",
              ...(item.every_frame ? ["every frame"] : []),
              ...choiceWords(item, format),
              dateText(item.created_at),
            ].join(", ")}
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
      <DeleteButton item={item} />
    </li>
  );
}

function DeleteButton({ item }: { readonly item: DatasetExport }) {
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState(false);
  const deletion = useMutation({
    mutationFn: () => deleteExport(item.id),
    onSuccess: () => {
      const { queryKey } = exportsQuery(item.project_id);
      queryClient.setQueryData(queryKey, (known) => known?.filter(({ id }) => id !== item.id));
      return queryClient.invalidateQueries({ queryKey });
    },
    onError: (error) => showToast(messageOf(error)),
    onSettled: () => setAsking(false),
  });
  const writing = item.state === "queued" || item.state === "running";
  const words = writing ? "Stop and delete this export" : "Delete this export";
  return (
    <>
      <Tooltip content={words}>
        <IconButton label={words} onClick={() => setAsking(true)} data-testid="delete-export">
          <Icon name="trash" />
        </IconButton>
      </Tooltip>
      <ConfirmDialog
        open={asking}
        title="Delete this export?"
        consequence="Its file and its report are deleted. The annotations stay, so that it can be exported again."
        action="Delete"
        busy={deletion.isPending}
        onConfirm={() => deletion.mutate()}
        onClose={() => setAsking(false)}
      />
    </>
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
      {item.expired && (
        <span className={styles.facts}>Its file was deleted for its age. Export it again to have it.</span>
      )}
      <span className={styles.facts}>{[...content, ...contentFacts(report)].join(" · ")}</span>
      {item.expires_at && <span className={styles.facts}>Kept until {dateText(item.expires_at)}.</span>}
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
