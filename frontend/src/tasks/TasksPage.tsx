import { useQuery } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { projectQuery, tasksQuery } from "@/api/queries";
import type { Id, Task } from "@/api/types";
import { Button } from "@/ui/Button";
import { EmptyState } from "@/ui/EmptyState";
import { Kbd } from "@/ui/Kbd";
import { LoadFailed } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { Skeleton } from "@/ui/Skeleton";
import { TASK_SHORTCUTS } from "./shortcuts";
import { TaskFilters } from "./TaskFilters";
import { TaskTable } from "./TaskTable";
import { countByView, filterTasks, type TaskFilter } from "./taskRows";
import { useClaim, useTaskKeys } from "./useNextTask";

/** A project's queue of tasks: claim the next one with a key, or see who does what. */
export function TasksPage({ projectId }: { readonly projectId: Id }) {
  const project = useQuery(projectQuery(projectId)).data;
  const { data: tasks, error, refetch } = useQuery(tasksQuery(projectId));
  const [filter, setFilter] = useState<TaskFilter>({ view: "open", kind: "all" });
  const { mutate: claim, isPending } = useClaim(projectId);
  const next = useCallback(() => claim(null), [claim]);
  useTaskKeys(next);
  if (error && !tasks) return <LoadFailed error={error} onRetry={() => void refetch()} />;
  return (
    <Page
      title="Tasks"
      facts={project === undefined ? "" : divisionOf(project)}
      testId="tasks-page"
      actions={
        <Button tone="primary" disabled={isPending} onClick={next} data-testid="next-task">
          {TASK_SHORTCUTS.next.label} <Kbd shortcut={TASK_SHORTCUTS.next} />
        </Button>
      }
    >
      {tasks === undefined ? (
        <Skeleton height={240} />
      ) : (
        <>
          <TaskFilters counts={countByView(tasks)} filter={filter} onChange={setFilter} />
          <Listed
            tasks={filterTasks(tasks, filter)}
            filter={filter}
            projectId={projectId}
            manages={project?.allowed.includes("manage") ?? false}
            onClaim={claim}
          />
        </>
      )}
    </Page>
  );
}

interface ListedProps {
  readonly tasks: readonly Task[];
  readonly filter: TaskFilter;
  readonly projectId: Id;
  readonly manages: boolean;
  readonly onClaim: (task: Task) => void;
}

function Listed({ tasks, filter, ...table }: ListedProps) {
  if (tasks.length > 0) return <TaskTable tasks={tasks} {...table} />;
  const nothing = {
    open: "Nothing waits for you",
    waiting: "Nothing waits for others",
    held: "Nobody is at work",
    done: "Nothing is finished yet",
  }[filter.view];
  return (
    <EmptyState icon="check" title={nothing} testId="no-tasks">
      {filter.view === "open"
        ? "Every video gets its first task when it is uploaded."
        : "Tasks show up as people take and finish them."}
    </EmptyState>
  );
}

function divisionOf(project: {
  readonly select_first: boolean;
  readonly separate_verifiers: boolean;
}): string {
  const first = project.select_first
    ? "Objects are selected first, then annotated."
    : "Videos are annotated.";
  const then = project.separate_verifiers
    ? "Somebody else verifies each object"
    : "Anybody verifies each object";
  return `${first} ${then}; one that is unsatisfactory goes back to its annotator.`;
}
