import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { studiesQuery } from "@/api/queries";
import type { Id, Study } from "@/api/types";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { EmptyState } from "@/ui/EmptyState";
import { Icon } from "@/ui/Icon";
import { LoadFailed } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { Skeleton } from "@/ui/Skeleton";
import { Tabs } from "@/ui/Tabs";
import { CreateStudyDialog } from "./CreateStudyDialog";
import { StudyPlan } from "./StudyPlan";

const TONES = { draft: "plain", running: "accent", done: "good" } as const;

/** A project's studies: the same objects annotated under every phase. */
export function StudiesPage({ projectId }: { readonly projectId: Id }) {
  const { data: studies, error, refetch } = useQuery(studiesQuery(projectId));
  const [creating, setCreating] = useState(false);
  const [chosen, setChosen] = useState<Id | null>(null);
  if (error && !studies) return <LoadFailed error={error} onRetry={() => void refetch()} />;
  const open = chosen ?? studies?.[0]?.id ?? null;
  const create = (
    <Button tone="primary" onClick={() => setCreating(true)} data-testid="new-study">
      <Icon name="plus" /> New study
    </Button>
  );
  return (
    <Page
      title="Studies"
      facts="The same objects, by different people under different phases, none of whom sees another's work."
      actions={studies !== undefined && studies.length > 0 && create}
      testId="studies-page"
    >
      {studies === undefined && <Skeleton height={240} />}
      {studies?.length === 0 && (
        <EmptyState icon="clock" title="No study yet" action={create} testId="no-studies">
          Outline the objects on one frame each, then give them to as many people as there are phases.
        </EmptyState>
      )}
      {studies !== undefined && studies.length > 1 && (
        <Tabs label="Studies" tabs={studies.map(tabOf)} chosen={open} onChoose={setChosen} />
      )}
      {open !== null && <StudyPlan key={open} studyId={open} projectId={projectId} />}
      {creating && (
        <CreateStudyDialog projectId={projectId} onClose={() => setCreating(false)} onCreated={setChosen} />
      )}
    </Page>
  );
}

function tabOf({ id, name, state }: Study) {
  return {
    name: id,
    content: (
      <>
        {name} <Badge tone={TONES[state]}>{state}</Badge>
      </>
    ),
  };
}
