import { useMutation, useQueryClient } from "@tanstack/react-query";
import { messageOf } from "@/api/problem";
import { cancelTuning, decideOnTuning } from "@/api/tuning";
import type { Tuning, TuningDecision } from "@/api/types";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Notice } from "@/ui/Notice";
import { countText, dateText } from "@/ui/numbers";
import { ProgressBar } from "@/ui/ProgressBar";
import { ComparisonTable } from "./ComparisonTable";
import { progressText, progressValue } from "./progress";
import styles from "./Tuning.module.css";

interface TuningRowProps {
  readonly tuning: Tuning;
  /** Whether the project uses the new model now. */
  readonly inUse: boolean;
  /** Whether the reader may cancel it and decide. */
  readonly mayManage: boolean;
}

/** One tuning: its progress, or its result. */
export function TuningRow({ tuning, inUse, mayManage }: TuningRowProps) {
  const facts = [
    `from ${tuning.base_model}`,
    `${countText(tuning.num_masklets, "masklet")} on ${countText(tuning.num_training + tuning.num_held_out, "video")}`,
    countText(tuning.num_steps, "step"),
    `${tuning.created_by.name}, ${dateText(tuning.created_at)}`,
  ];
  return (
    <li className={styles.row} data-testid="tuning" data-state={tuning.state}>
      <header className={styles.rowHead}>
        <h3>{tuning.name}</h3>
        <StateBadge tuning={tuning} inUse={inUse} />
        <span className={styles.dim}>{facts.join(" · ")}</span>
      </header>
      <Detail tuning={tuning} inUse={inUse} mayManage={mayManage} />
    </li>
  );
}

function StateBadge({ tuning: { state, decision }, inUse }: Omit<TuningRowProps, "mayManage">) {
  if (inUse) return <Badge tone="good">in use</Badge>;
  if (state === "failed") return <Badge tone="bad">failed</Badge>;
  if (state === "cancelled") return <Badge>cancelled</Badge>;
  if (state !== "done") return <Badge tone="accent">{state === "queued" ? "waiting" : "running"}</Badge>;
  if (decision === "promoted") return <Badge>was in use</Badge>;
  return decision === "declined" ? <Badge>not used</Badge> : <Badge tone="warn">to decide</Badge>;
}

function Detail({ tuning, inUse, mayManage }: TuningRowProps) {
  switch (tuning.state) {
    case "queued":
    case "running":
      return <UnderWay tuning={tuning} mayManage={mayManage} />;
    case "failed":
      return (
        <Notice tone="bad" title={tuning.problem?.title ?? "This tuning failed"}>
          {tuning.problem?.detail}
        </Notice>
      );
    case "cancelled":
      return null;
    case "done":
      return <Decide tuning={tuning} inUse={inUse} mayManage={mayManage} />;
    default:
      return tuning.state satisfies never;
  }
}

function UnderWay({ tuning, mayManage }: Omit<TuningRowProps, "inUse">) {
  const cancel = useChange(() => cancelTuning(tuning.id));
  return (
    <div className={styles.underWay}>
      <div className={styles.progress}>
        <ProgressBar value={progressValue(tuning.progress)} label={`Tuning ${tuning.name}`} />
        <span className={styles.dim} data-testid="tuning-progress">
          {progressText(tuning)}
        </span>
      </div>
      {mayManage && (
        <Button onClick={() => cancel.mutate()} disabled={cancel.isPending} data-testid="cancel-tuning">
          Cancel
        </Button>
      )}
      {cancel.error && <Notice tone="bad" title={messageOf(cancel.error)} />}
    </div>
  );
}

function Decide({ tuning, inUse, mayManage }: TuningRowProps) {
  const decide = useChange((decision: TuningDecision) => decideOnTuning(tuning.id, decision));
  return (
    <>
      {tuning.comparison && (
        <ComparisonTable comparison={tuning.comparison} oldName={tuning.base_model} newName={tuning.name} />
      )}
      {decide.error && <Notice tone="bad" title={messageOf(decide.error)} />}
      {mayManage && !inUse && (
        <div className={styles.decision}>
          <Button
            tone={tuning.decision === null ? "primary" : "plain"}
            disabled={decide.isPending}
            onClick={() => decide.mutate("promoted")}
            data-testid="promote"
          >
            {`Use ${tuning.name} in this project`}
          </Button>
          {tuning.decision === null && (
            <Button
              disabled={decide.isPending}
              onClick={() => decide.mutate("declined")}
              data-testid="keep-old"
            >
              {`Keep ${tuning.base_model}`}
            </Button>
          )}
        </div>
      )}
    </>
  );
}

/** A mutation that reloads everything that names a model. */
function useChange<Argument = void>(change: (argument: Argument) => Promise<Tuning>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey: ["projects"] }),
        queryClient.invalidateQueries({ queryKey: ["models"] }),
      ]),
  });
}
