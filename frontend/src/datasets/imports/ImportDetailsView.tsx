import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link } from "wouter";
import { deleteImport, undoImport } from "@/api/imports";
import { messageOf } from "@/api/problem";
import { importQuery } from "@/api/queries";
import type { DatasetImport, Id, ImportDetails, ImportVideo } from "@/api/types";
import { Button, buttonClass } from "@/ui/Button";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { DialogActions } from "@/ui/Dialog";
import { Icon } from "@/ui/Icon";
import { LoadFailed, Notice } from "@/ui/Notice";
import { countText } from "@/ui/numbers";
import { Skeleton } from "@/ui/Skeleton";
import styles from "./Import.module.css";
import { ImportPreview } from "./ImportPreview";
import { ImportProgress } from "./ImportRow";
import { importFacts, resultText } from "./importWords";

interface ImportDetailsViewProps {
  readonly importId: Id;
  readonly projectId: Id;
  readonly onBack: () => void;
}

/** One import, from its arrival to the result. */
export function ImportDetailsView({ importId, projectId, onBack }: ImportDetailsViewProps) {
  const { data: item, error, refetch } = useQuery(importQuery(importId));
  if (error && !item) return <LoadFailed error={error} onRetry={() => void refetch()} />;
  if (!item) return <Skeleton height={120} />;
  return (
    <section className={styles.details} data-testid="import-details" data-state={item.state}>
      <div className={styles.line}>
        <strong className={styles.title}>{item.file_name}</strong>
        {item.state !== "ready" && <span className={styles.facts}>{importFacts(item)}</span>}
      </div>
      {item.problem && item.state !== "writing" && (
        <Notice tone="bad" title={item.problem.title} testId="import-problem">
          {item.problem.detail}
        </Notice>
      )}
      <ImportProgress item={item} />
      {item.state === "ready" && <ImportPreview item={item} />}
      {item.state === "done" && resultText(item) && (
        <p className={styles.facts} data-testid="import-made">
          {resultText(item)}
        </p>
      )}
      {item.state === "done" && <Result videos={item.videos} />}
      <Endings item={item} projectId={projectId} onBack={onBack} />
    </section>
  );
}

function Result({ videos }: { readonly videos: readonly ImportVideo[] }) {
  return (
    <ul className={styles.list} data-testid="import-result">
      {videos.map(({ key, video_id, video_name, num_objects, fault }) => (
        <li key={key} className={styles.row}>
          <span className={styles.words}>
            {video_id === null ? fault : video_name}
            <span className={styles.facts}>{countText(num_objects, "object")}</span>
          </span>
          {video_id !== null && (
            <Link href={`/videos/${video_id}`} className={buttonClass()} data-testid="see-imported">
              See the objects
            </Link>
          )}
        </li>
      ))}
    </ul>
  );
}

interface EndingsProps {
  readonly item: ImportDetails;
  readonly projectId: Id;
  readonly onBack: () => void;
}

/** Back to the list; and, by its state, stop the import, forget it or take it back. */
function Endings({ item, projectId, onBack }: EndingsProps) {
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState(false);
  // Its objects come and go with it, and the page behind counts them.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the state is what it is about
  useEffect(() => {
    void queryClient.invalidateQueries({ queryKey: ["projects", projectId] });
  }, [item.state, projectId, queryClient]);
  const deletion = useMutation({
    mutationFn: () => deleteImport(item.id),
    onSuccess: () => {
      onBack();
      return queryClient.invalidateQueries({ queryKey: ["projects", projectId] });
    },
  });
  const undo = useMutation({
    mutationFn: () => undoImport(item.id),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: importQuery(item.id).queryKey }),
    onSettled: () => setAsking(false),
  });
  const error = deletion.error ?? undo.error;
  return (
    <>
      {error && <Notice tone="bad" title={messageOf(error)} />}
      <DialogActions>
        <Button onClick={onBack} data-testid="import-back">
          <Icon name="left" />
          All imports
        </Button>
        {item.state === "done" && (
          <Button tone="danger" onClick={() => setAsking(true)} data-testid="undo-import">
            Undo the import
          </Button>
        )}
        {item.state !== "done" && item.state !== "undone" && (
          <Button onClick={() => deletion.mutate()} disabled={deletion.isPending} data-testid="delete-import">
            {deletionWords(item)}
          </Button>
        )}
      </DialogActions>
      <ConfirmDialog
        open={asking}
        title="Undo this import?"
        consequence={`${countText(item.num_made, "object")} will be deleted, but for those that somebody has changed, propagated or judged since. Classes and attributes stay.`}
        action="Undo the import"
        busy={undo.isPending}
        onConfirm={() => undo.mutate()}
        onClose={() => setAsking(false)}
      />
    </>
  );
}

function deletionWords({ state }: DatasetImport): string {
  return state === "writing" || state === "received" ? "Stop and forget" : "Forget it";
}
