import { useMutation, useQueryClient } from "@tanstack/react-query";
import { messageOf } from "@/api/problem";
import { modelsQuery } from "@/api/queries";
import { promoteDefaultModel, rollBackDefaultModel } from "@/api/tuning";
import type { Model, Models } from "@/api/types";
import { useMe } from "@/api/useMe";
import { Button } from "@/ui/Button";
import { Notice } from "@/ui/Notice";
import { dateText } from "@/ui/numbers";
import styles from "./ModelPage.module.css";

interface DefaultModelProps {
  readonly models: Models;
  readonly shown: Model;
}

/** The default model; administrators can set it to the one shown, or roll back by one step. */
export function DefaultModel({ models, shown }: DefaultModelProps) {
  const promote = useDefaultChange(() => promoteDefaultModel(shown.name));
  const rollBack = useDefaultChange(rollBackDefaultModel);
  const mayChange = useMe()?.allowed.includes("administer") ?? false;
  const error = promote.error ?? rollBack.error;
  const latest = models.decisions[0];
  return (
    <>
      <div className={styles.default} data-testid="default-model">
        <span className={styles.hint}>
          {latest === undefined
            ? "Projects that chose no model use the default."
            : `Default ${latest.kind === "promoted" ? "promoted" : "rolled back"} to ${latest.model ?? "the configured model"}${latest.by === null ? "" : ` by ${latest.by}`}, ${dateText(latest.at)}.`}
        </span>
        <span className={styles.defaultButtons}>
          {mayChange && models.can_roll_back && (
            <Button
              disabled={rollBack.isPending}
              onClick={() => rollBack.mutate()}
              data-testid="roll-back-default"
            >
              Roll the default back
            </Button>
          )}
          {mayChange && !shown.is_default && shown.problem === null && (
            <Button
              disabled={promote.isPending}
              onClick={() => promote.mutate()}
              data-testid="promote-default"
            >
              {`Make ${shown.name} the default`}
            </Button>
          )}
        </span>
      </div>
      {error && <Notice tone="bad" title={messageOf(error)} />}
    </>
  );
}

function useDefaultChange(change: () => Promise<Models>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (models) => queryClient.setQueryData(modelsQuery.queryKey, models),
    onSettled: () =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey: ["models"] }),
        queryClient.invalidateQueries({ queryKey: ["model"] }),
      ]),
  });
}
