import { useMutation, useQueryClient } from "@tanstack/react-query";
import { cancelAutoLabeling } from "@/api/autolabel";
import { messageOf } from "@/api/problem";
import { isActive } from "@/api/queries";
import type { AutoLabeling } from "@/api/types";
import { IconButton } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { etaText, percentText } from "@/ui/numbers";
import { ProgressBar } from "@/ui/ProgressBar";
import { showFailure } from "@/ui/toasts";
import styles from "./AutolabelProgress.module.css";

/** Progress and time left of a search, with a button that stops it; nothing when it is over. */
export function AutolabelProgress({ labeling }: { readonly labeling: AutoLabeling | null | undefined }) {
  const queryClient = useQueryClient();
  const cancelling = useMutation({
    mutationFn: (id: string) => cancelAutoLabeling(id),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["auto-labelings"] }),
    onError: (error) => showFailure(messageOf(error)),
  });
  const job = labeling?.job ?? null;
  if (!labeling || job === null || !isActive(job)) return null;
  const share = job.total > 0 ? job.done / job.total : 0;
  const numbers = [percentText(share), etaText(job.eta_seconds)].filter((part) => part !== null).join(" · ");
  return (
    <div className={styles.progress} data-testid="autolabel-progress">
      <span className={styles.line} title={job.message ?? undefined}>
        {labeling.cancelled ? "Stopping" : (job.message ?? "Waiting its turn to find objects")}
      </span>
      <div className={styles.bar}>
        <ProgressBar value={share} label="Finding objects" />
        <span className={styles.numbers}>{job.state === "running" && numbers}</span>
        <IconButton
          label="Stop finding objects"
          disabled={labeling.cancelled || cancelling.isPending}
          onClick={() => cancelling.mutate(labeling.id)}
          data-testid="cancel-autolabel"
        >
          <Icon name="close" size={14} />
        </IconButton>
      </div>
    </div>
  );
}
