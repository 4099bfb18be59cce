import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { messageOf } from "@/api/problem";
import { tuningPlanQuery, tuningsQuery } from "@/api/queries";
import { startTuning } from "@/api/tuning";
import type { Id, TuningPlan } from "@/api/types";
import { useActionId } from "@/api/useActionId";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { TextField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { countText } from "@/ui/numbers";
import styles from "./Tuning.module.css";

interface TuningFormProps {
  readonly projectId: Id;
  readonly plan: TuningPlan;
}

/** What a tuning would use, and the button that starts it. */
export function TuningForm({ projectId, plan }: TuningFormProps) {
  const [name, setName] = useState(plan.suggested_name);
  const [steps, setSteps] = useState(String(plan.num_steps));
  const queryClient = useQueryClient();
  const body = { name: name.trim(), num_steps: Number(steps) };
  const actionId = useActionId({ ...body, after: plan.suggested_name });
  const start = useMutation({
    mutationFn: () => startTuning(projectId, body, actionId),
    onSuccess: async (started) => {
      const { queryKey } = tuningsQuery(projectId);
      queryClient.setQueryData(queryKey, (known) => [started, ...(known ?? [])]);
      await queryClient.invalidateQueries({ queryKey });
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: tuningPlanQuery(projectId).queryKey }),
  });
  const valid = body.name !== "" && Number.isInteger(body.num_steps) && body.num_steps >= 1;
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        start.mutate();
      }}
    >
      <p data-testid="tuning-plan">{planText(plan)}</p>
      {plan.videos.length > 0 && <Sides plan={plan} />}
      {plan.problem && !isRunning(plan) && (
        <Notice tone="warn" title={plan.problem.title} testId="tuning-obstacle">
          {plan.problem.detail}
        </Notice>
      )}
      <div className={styles.fields}>
        <TextField
          label="Name of the new model"
          value={name}
          maxLength={64}
          pattern="[a-z0-9][a-z0-9._\-]*"
          title="Small letters, digits, dots, dashes"
          onChange={(event) => setName(event.target.value)}
          data-testid="tuning-name"
        />
        <TextField
          label="Training steps"
          inputMode="numeric"
          value={steps}
          onChange={(event) => setSteps(event.target.value)}
          data-testid="tuning-steps"
        />
        <Button
          tone="primary"
          type="submit"
          disabled={!valid || plan.problem !== null || start.isPending}
          data-testid="start-tuning"
        >
          Tune
        </Button>
      </div>
      <p className={styles.dim}>{timeText(plan, body.num_steps)}</p>
      {start.error && <Notice tone="bad" title={messageOf(start.error)} />}
    </form>
  );
}

function Sides({ plan }: { readonly plan: TuningPlan }) {
  return (
    <ul className={styles.sides} aria-label="Videos">
      {plan.videos.map(({ id, name, num_masklets, held_out }) => (
        <li key={id}>
          <span className={styles.videoName}>{name}</span>
          <span className={styles.dim}>{countText(num_masklets, "masklet")}</span>
          {held_out ? <Badge tone="accent">held out</Badge> : <Badge>trains</Badge>}
        </li>
      ))}
    </ul>
  );
}

function planText({ videos, num_masklets, num_training, num_held_out, base_model }: TuningPlan): string {
  if (videos.length === 0) return "No masklet of this project is verified as satisfactory yet.";
  const have = `${countText(num_masklets, "verified masklet")} on ${countText(videos.length, "video")}`;
  if (num_held_out === 0) return `${have}.`;
  return `${have}: ${num_training} to train ${base_model} on, ${num_held_out} held out to judge by.`;
}

function timeText(plan: TuningPlan, steps: number): string {
  if (isRunning(plan)) return "One is running: when it has ended, another can be started.";
  const pace = plan.estimated_seconds_per_step;
  const gives = "It runs on one thread at low priority, so that annotating goes first.";
  if (pace === null || !(steps >= 1)) return gives;
  return `About ${roughText(pace * steps)}. ${gives}`;
}

/** Coarse, because the time depends on the server's other work. */
function roughText(seconds: number): string {
  const minutes = Math.max(1, Math.round(seconds / 60));
  return minutes < 90 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

/** A tuning in progress is no warning: the list below shows it. */
function isRunning({ problem }: TuningPlan): boolean {
  return problem?.type.endsWith(":tuning-running") ?? false;
}
