import type { Run } from "@/api/types";
import { Button } from "@/ui/Button";
import { etaText } from "@/ui/numbers";
import { ProgressBar } from "@/ui/ProgressBar";
import { Tooltip } from "@/ui/Tooltip";
import { SHORTCUTS } from "../../shortcuts/shortcuts";
import { mayEdit } from "../../state/barrier";
import { useSession, useWorkspace } from "../../state/context";
import { carriedBy } from "../../sync/runNotices";
import styles from "./TransportBar.module.css";

/** Progress, speed and time left of a propagation. */
export function RunProgress({ run }: { readonly run: Run }) {
  const { actions } = useSession();
  const editable = useWorkspace(mayEdit);
  const share = run.total > 0 ? run.done / run.total : null;
  const speed = run.frames_per_second === null ? null : `${run.frames_per_second.toFixed(1)} frames/s`;
  // `done` counts (object, frame) pairs; people count frames.
  const objects = Math.max(carriedBy(run).length, 1);
  const frames = `${Math.floor(run.done / objects)} of ${Math.ceil(run.total / objects)} frames`;
  const facts = [frames, speed, etaText(run.eta_seconds)].filter((fact) => fact !== null);
  return (
    <span className={styles.run} data-testid="run-progress" data-state={run.state}>
      <span className={styles.runWords}>
        <span>{run.state === "queued" ? "Waiting to propagate" : "Propagating"}</span>
        <span className={styles.facts}>{facts.join(" · ")}</span>
      </span>
      <ProgressBar value={share} label="Propagation" />
      {editable && (
        <Tooltip content="Stop; what is done stays" shortcut={SHORTCUTS.escape} side="top">
          <Button onClick={() => actions.stopRuns()} data-testid="cancel-run">
            Cancel
          </Button>
        </Tooltip>
      )}
    </span>
  );
}
