import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "wouter";
import { messageOf } from "@/api/problem";
import { phasesQuery, studyQuery } from "@/api/queries";
import { closeStudy, startStudy } from "@/api/studies";
import type { Id, StudyArm, StudyDetails } from "@/api/types";
import { Button, buttonClass } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { LoadFailed } from "@/ui/Notice";
import { Skeleton } from "@/ui/Skeleton";
import { showFailure } from "@/ui/toasts";
import { planOf } from "./plan";
import styles from "./StudiesPage.module.css";

interface StudyPlanProps {
  readonly studyId: Id;
  readonly projectId: Id;
}

/** Each annotator's objects by phase and order, with progress. */
export function StudyPlan({ studyId, projectId }: StudyPlanProps) {
  const { data: study, error, refetch } = useQuery(studyQuery(studyId));
  if (error && !study) return <LoadFailed error={error} onRetry={() => void refetch()} />;
  if (study === undefined) return <Skeleton height={200} />;
  return (
    <section
      className={styles.plan}
      aria-label={study.name}
      data-testid="study-plan"
      data-state={study.state}
    >
      <header className={styles.planHeader}>
        <h2>{study.name}</h2>
        <span className={styles.facts}>
          {study.state === "draft"
            ? "Planned: nobody has been told yet"
            : `${study.num_done} of ${study.num_arms} done`}
        </span>
        <span className={styles.turns}>
          {study.state !== "draft" && (
            <Link
              href={`/projects/${projectId}/insights?study=${study.id}`}
              className={buttonClass()}
              data-testid="study-insights"
            >
              <Icon name="chart" />
              Phase table
            </Link>
          )}
          <Turn study={study} projectId={projectId} />
        </span>
      </header>
      <Legend />
      <ul className={styles.rows}>
        {planOf(study.arms).map(({ userId, name, arms, numDone }) => (
          <li key={userId}>
            <span className={styles.person}>
              {name}
              <small>
                {numDone} of {arms.length}
              </small>
            </span>
            <ol>
              {arms.map((arm) => (
                <Arm key={arm.selected_id} arm={arm} />
              ))}
            </ol>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What the numbers of the plan stand for. */
function Legend() {
  const phases = useQuery(phasesQuery).data ?? [];
  return (
    <p className={styles.legend}>
      {phases.map(({ number, title, summary }) => (
        <span key={number} title={summary}>
          <strong>{number}</strong> {title}
        </span>
      ))}
      <span>in the order of each person's work</span>
    </p>
  );
}

function Arm({ arm }: { readonly arm: StudyArm }) {
  const phases = useQuery(phasesQuery).data;
  const rules = phases?.find(({ phase }) => phase === arm.phase);
  const words = `${arm.selected_name} of ${arm.video_name}, ${rules?.title ?? arm.phase}: ${arm.num_frames} frames`;
  return (
    <li
      className={styles.arm}
      data-state={arm.task_state ?? "planned"}
      data-phase={rules?.number}
      title={words}
    >
      <strong>{rules?.number ?? "?"}</strong>
      <span>{arm.selected_name}</span>
      <small>{arm.video_name}</small>
    </li>
  );
}

/** What to do next with a study. One that can no longer start can be given up. */
function Turn({ study, projectId }: { readonly study: StudyDetails; readonly projectId: Id }) {
  const queryClient = useQueryClient();
  const { mutate, isPending } = useMutation({
    mutationFn: (turn: (studyId: Id) => Promise<StudyDetails>) => turn(study.id),
    onSuccess: async (changed) => {
      queryClient.setQueryData(studyQuery(study.id).queryKey, changed);
      await queryClient.invalidateQueries({ queryKey: ["projects", projectId] });
    },
    onError: (error) => showFailure(messageOf(error)),
  });
  if (study.state === "draft") {
    return (
      <>
        <Button disabled={isPending} onClick={() => mutate(closeStudy)} data-testid="close-study">
          Give up
        </Button>
        <Button
          tone="primary"
          disabled={isPending}
          onClick={() => mutate(startStudy)}
          data-testid="start-study"
        >
          Start
        </Button>
      </>
    );
  }
  return study.state === "running" ? (
    <Button disabled={isPending} onClick={() => mutate(closeStudy)} data-testid="close-study">
      Close
    </Button>
  ) : null;
}
