import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type Becomes, replaceOntology } from "@/api/ontology";
import { messageOf, RequestFailed } from "@/api/problem";
import { ontologyQuery, projectQuery } from "@/api/queries";
import type { Id, ReadOntology } from "@/api/types";
import { Button } from "@/ui/Button";
import { LoadFailed, Notice } from "@/ui/Notice";
import { countText } from "@/ui/numbers";
import { Page } from "@/ui/Page";
import { Skeleton } from "@/ui/Skeleton";
import { showToast } from "@/ui/toasts";
import { AttributeRows } from "./AttributeRows";
import { ClassRows } from "./ClassRows";
import { documentOf, draftOf, faultsOf, type OntologyDraft } from "./draft";
import { FileButtons } from "./FileButtons";
import styles from "./Ontology.module.css";
import { SuccessorsDialog, type Use } from "./SuccessorsDialog";

/** The classes of a project's objects, and the attributes of objects, frames and videos. */
export function OntologyPage({ projectId }: { readonly projectId: Id }) {
  const { data, error, refetch } = useQuery({ ...ontologyQuery(projectId), refetchOnWindowFocus: false });
  const project = useQuery(projectQuery(projectId)).data;
  if (error && !data)
    return (
      <Page title="Classes and attributes">
        <LoadFailed error={error} onRetry={() => void refetch()} />
      </Page>
    );
  if (!data || !project)
    return (
      <Page title="Classes and attributes">
        <Skeleton height={240} />
      </Page>
    );
  return (
    <OntologyEditor
      key={data.version}
      projectId={projectId}
      known={data}
      name={project.name}
      manages={project.allowed.includes("manage")}
    />
  );
}

interface OntologyEditorProps {
  readonly projectId: Id;
  readonly known: ReadOntology;
  readonly name: string;
  readonly manages: boolean;
}

function OntologyEditor({ projectId, known, name, manages }: OntologyEditorProps) {
  const [draft, setDraft] = useState(() => draftOf(known.ontology));
  const [saved] = useState(() => JSON.stringify(documentOf(draft)));
  const [uses, setUses] = useState<readonly Use[]>([]);
  const isChanged = JSON.stringify(documentOf(draft)) !== saved;
  const faults = faultsOf(draft);
  const saving = useSaving(projectId, known.version, draft, setUses);
  useWarning(isChanged);
  return (
    <Page
      title="Classes and attributes"
      facts={factsOf(draft)}
      testId="ontology-page"
      actions={
        <div className={styles.actions}>
          <FileButtons name={name} draft={draft} onRead={setDraft} canRead={manages} />
          {manages && (
            <Button
              tone="primary"
              disabled={!isChanged || faults.size > 0 || saving.isPending}
              onClick={() => saving.mutate({})}
              data-testid="save-ontology"
            >
              Save
            </Button>
          )}
        </div>
      }
    >
      {saving.error && uses.length === 0 && <Failure error={saving.error} />}
      <fieldset className={styles.form} disabled={!manages}>
        <ClassRows
          classes={draft.classes}
          faults={faults}
          onChange={(classes) => setDraft({ ...draft, classes })}
        />
        <AttributeRows
          attributes={draft.attributes}
          faults={faults}
          onChange={(attributes) => setDraft({ ...draft, attributes })}
        />
      </fieldset>
      {uses.length > 0 && (
        <SuccessorsDialog
          uses={uses}
          before={known.ontology}
          draft={draft}
          busy={saving.isPending}
          onSave={saving.mutate}
          onClose={() => setUses([])}
        />
      )}
    </Page>
  );
}

function useSaving(
  projectId: Id,
  version: number,
  draft: OntologyDraft,
  onUses: (uses: readonly Use[]) => void,
) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (becomes: Becomes) => replaceOntology(projectId, version, documentOf(draft), becomes),
    onSuccess: (read) => {
      queryClient.setQueryData(ontologyQuery(projectId).queryKey, read);
      showToast("Classes and attributes are saved.");
    },
    onError: (error) => onUses(usesOf(error)),
  });
}

function usesOf(error: unknown): readonly Use[] {
  const isInUse = error instanceof RequestFailed && error.slug === "ontology-in-use";
  return isInUse && Array.isArray(error.extra.uses) ? (error.extra.uses as readonly Use[]) : [];
}

function Failure({ error }: { readonly error: unknown }) {
  const isLate = error instanceof RequestFailed && error.slug === "ontology-conflict";
  return (
    <Notice tone="bad" title={messageOf(error)}>
      {isLate &&
        "Somebody else changed it. Download what you have as a file, reload the page, and read the file."}
    </Notice>
  );
}

function factsOf({ classes, attributes }: OntologyDraft): string {
  return `${classes.length} ${classes.length === 1 ? "class" : "classes"} · ${countText(attributes.length, "attribute")}`;
}

/** Asks before a page with unsaved changes is closed. */
function useWarning(isChanged: boolean): void {
  useEffect(() => {
    if (!isChanged) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [isChanged]);
}
