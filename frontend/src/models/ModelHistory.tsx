import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { messageOf } from "@/api/problem";
import { modelsQuery } from "@/api/queries";
import { rollBackProjectModel } from "@/api/tuning";
import type { Id, ModelChange, ProjectModel } from "@/api/types";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Notice } from "@/ui/Notice";
import { dateText } from "@/ui/numbers";
import styles from "./Tuning.module.css";

interface ModelHistoryProps {
  readonly projectId: Id;
  readonly model: ProjectModel;
  readonly mayManage: boolean;
}

/** The project's model, its earlier ones, and a rollback by one step. */
export function ModelHistory({ projectId, model, mayManage }: ModelHistoryProps) {
  const { data: models } = useQuery(modelsQuery);
  const queryClient = useQueryClient();
  const rollBack = useMutation({
    mutationFn: () => rollBackProjectModel(projectId),
    onSettled: () =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey: ["projects"] }),
        queryClient.invalidateQueries({ queryKey: ["models"] }),
      ]),
  });
  const name = model.model ?? models?.default ?? "…";
  const version = models?.models.find((each) => each.name === name)?.version;
  return (
    <section className={styles.section}>
      <h2>In use</h2>
      <div className={styles.current} data-testid="current-model">
        <strong>{name}</strong>
        {version && <code>{version}</code>}
        {model.model === null && <Badge>default</Badge>}
        {mayManage && model.can_roll_back && (
          <Button
            className={styles.push ?? ""}
            disabled={rollBack.isPending}
            onClick={() => rollBack.mutate()}
            data-testid="roll-back"
          >
            {`Roll back to ${named(model.roll_back_to)}`}
          </Button>
        )}
      </div>
      {rollBack.error && <Notice tone="bad" title={messageOf(rollBack.error)} />}
      {model.changes.length > 0 && <ModelChanges changes={model.changes} />}
    </section>
  );
}

function ModelChanges({ changes }: { readonly changes: readonly ModelChange[] }) {
  return (
    <ol className={styles.changes} aria-label="Changes of the model">
      {changes.map((change, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: what happened stays in its order.
        <li key={changes.length - index}>
          <span className={styles.when}>{dateText(change.created_at)}</span>
          <span>{`${change.by} ${WORDS[change.kind]} `}</span>
          <span className={styles.path}>{`${named(change.before)} → ${named(change.after)}`}</span>
        </li>
      ))}
    </ol>
  );
}

const WORDS: Readonly<Record<ModelChange["kind"], string>> = {
  chosen: "chose",
  promoted: "promoted",
  rolled_back: "rolled back",
};

function named(model: string | null): string {
  return model ?? "the default";
}
