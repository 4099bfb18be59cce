import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Link } from "wouter";
import { isTuning, projectModelQuery, projectQuery, tuningPlanQuery, tuningsQuery } from "@/api/queries";
import type { Id, Tuning } from "@/api/types";
import { EmptyState } from "@/ui/EmptyState";
import { LoadFailed } from "@/ui/Notice";
import { Skeleton } from "@/ui/Skeleton";
import { ModelHistory } from "./ModelHistory";
import pages from "./ModelPage.module.css";
import styles from "./Tuning.module.css";
import { TuningForm } from "./TuningForm";
import { TuningRow } from "./TuningRow";

/** A project's model, and its tunings on verified masklets. */
export function ProjectModelPage({ projectId }: { readonly projectId: Id }) {
  const { data: project } = useQuery(projectQuery(projectId));
  const model = useQuery(projectModelQuery(projectId));
  const mayManage = project?.allowed.includes("manage") ?? false;
  return (
    <div className={pages.page} data-testid="project-model-page">
      <header className={pages.header}>
        <h1>{project ? `Model of ${project.name}` : <Skeleton width={260} height={22} />}</h1>
        <p className={pages.hint}>
          What was verified here can train the model that annotates here. A new one is compared on videos it
          never saw, and used only when somebody decides so. <Link href="/model">All models</Link>
        </p>
      </header>
      {model.error && !model.data && <LoadFailed error={model.error} onRetry={() => void model.refetch()} />}
      {!model.data && !model.error && <Skeleton height={72} />}
      {model.data && <ModelHistory projectId={projectId} model={model.data} mayManage={mayManage} />}
      {mayManage && <Plan projectId={projectId} />}
      <Tunings projectId={projectId} inUse={model.data?.model ?? null} mayManage={mayManage} />
    </div>
  );
}

function Plan({ projectId }: { readonly projectId: Id }) {
  const { data: plan, error, refetch } = useQuery(tuningPlanQuery(projectId));
  return (
    <section className={styles.section}>
      <h2>Tune on this project</h2>
      {error && !plan && <LoadFailed error={error} onRetry={() => void refetch()} />}
      {!plan && !error && <Skeleton height={120} />}
      {plan && <TuningForm key={plan.suggested_name} projectId={projectId} plan={plan} />}
    </section>
  );
}

interface TuningsProps {
  readonly projectId: Id;
  readonly inUse: string | null;
  readonly mayManage: boolean;
}

function Tunings({ projectId, inUse, mayManage }: TuningsProps) {
  const { data: tunings, error, refetch } = useQuery(tuningsQuery(projectId));
  useFreshAfterwards(projectId, tunings);
  return (
    <section className={styles.section}>
      <h2>Tunings</h2>
      {error && !tunings && <LoadFailed error={error} onRetry={() => void refetch()} />}
      {!tunings && !error && <Skeleton height={80} />}
      {tunings?.length === 0 && (
        <EmptyState icon="chip" title="None yet">
          The first one will be compared here with the model that the project uses.
        </EmptyState>
      )}
      <ul className={styles.rows}>
        {tunings?.map((tuning) => (
          <TuningRow key={tuning.id} tuning={tuning} inUse={tuning.name === inUse} mayManage={mayManage} />
        ))}
      </ul>
    </section>
  );
}

/** When a tuning ends there may be a new model, and the next tuning can start. */
function useFreshAfterwards(projectId: Id, tunings: readonly Tuning[] | undefined): void {
  const queryClient = useQueryClient();
  const active = tunings?.filter(isTuning).length;
  useEffect(() => {
    if (active === undefined) return;
    void queryClient.invalidateQueries({ queryKey: ["models"] });
    void queryClient.invalidateQueries({ queryKey: tuningPlanQuery(projectId).queryKey });
  }, [queryClient, projectId, active]);
}
