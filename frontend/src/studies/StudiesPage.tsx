import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { studiesQuery } from "@/api/queries";
import type { Id, Study } from "@/api/types";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { EmptyState } from "@/ui/EmptyState";
import { Icon } from "@/ui/Icon";
import { LoadFailed } from "@/ui/Notice";
import { Skeleton } from "@/ui/Skeleton";
import { CreateStudyDialog } from "./CreateStudyDialog";
import styles from "./StudiesPage.module.css";
import { StudyPlan } from "./StudyPlan";

const TONES = { draft: "plain", running: "accent", done: "good" } as const;

/** A project's studies: the same objects under every phase, and how far everybody is. */
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
    <div className={styles.page} data-testid="studies-page">
      <header className={styles.header}>
        <div>
          <h1>Studies</h1>
          <p className={styles.facts}>
            The same objects, by different people under different phases, none of whom sees another's work.
          </p>
        </div>
        {studies !== undefined && studies.length > 0 && create}
      </header>
      {studies === undefined && <Skeleton height={240} />}
      {studies?.length === 0 && (
        <EmptyState icon="clock" title="No study yet" action={create} testId="no-studies">
          Outline the objects on one frame each, then give them to as many people as there are phases.
        </EmptyState>
      )}
      {studies !== undefined && studies.length > 1 && (
        <Tabs studies={studies} open={open} onOpen={setChosen} />
      )}
      {open !== null && <StudyPlan key={open} studyId={open} projectId={projectId} />}
      {creating && (
        <CreateStudyDialog projectId={projectId} onClose={() => setCreating(false)} onCreated={setChosen} />
      )}
    </div>
  );
}

interface TabsProps {
  readonly studies: readonly Study[];
  readonly open: Id | null;
  readonly onOpen: (studyId: Id) => void;
}

function Tabs({ studies, open, onOpen }: TabsProps) {
  return (
    <div className={styles.tabs} role="tablist" aria-label="Studies">
      {studies.map((study) => (
        <button
          key={study.id}
          type="button"
          role="tab"
          aria-selected={study.id === open}
          onClick={() => onOpen(study.id)}
        >
          {study.name} <Badge tone={TONES[study.state]}>{study.state}</Badge>
        </button>
      ))}
    </div>
  );
}
