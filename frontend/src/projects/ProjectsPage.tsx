import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { projectsQuery } from "@/api/queries";
import { useMe } from "@/api/useMe";
import { Button } from "@/ui/Button";
import { EmptyState } from "@/ui/EmptyState";
import { Icon } from "@/ui/Icon";
import { LoadFailed } from "@/ui/Notice";
import { Skeleton } from "@/ui/Skeleton";
import styles from "./Cards.module.css";
import { ProjectCard } from "./ProjectCard";
import { CreateProjectDialog } from "./settings/CreateProjectDialog";

const SKELETONS = ["a", "b", "c"];

/** All projects of the signed-in person: the start page. */
export function ProjectsPage() {
  const { data: projects, error, refetch } = useQuery(projectsQuery);
  const [creating, setCreating] = useState(false);
  const mayCreate = useMe()?.allowed.includes("create") ?? false;
  const createButton = mayCreate && (
    <Button tone="primary" onClick={() => setCreating(true)} data-testid="new-project">
      <Icon name="plus" />
      New project
    </Button>
  );
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <h1>Projects</h1>
        {projects && projects.length > 0 && createButton}
      </header>
      {error && !projects && <LoadFailed error={error} onRetry={() => void refetch()} />}
      {!projects && !error && (
        <div className={styles.grid} aria-busy="true">
          {SKELETONS.map((key) => (
            <Skeleton key={key} height={236} />
          ))}
        </div>
      )}
      {projects?.length === 0 && (
        <EmptyState icon="folder" title="No projects yet" action={createButton} testId="no-projects">
          A project holds videos that are annotated alike and exported together as one dataset.
        </EmptyState>
      )}
      {projects && projects.length > 0 && (
        <ul className={styles.grid} data-testid="projects">
          {projects.map((project) => (
            <ProjectCard key={project.id} project={project} />
          ))}
        </ul>
      )}
      <CreateProjectDialog open={creating} onClose={() => setCreating(false)} />
    </div>
  );
}
