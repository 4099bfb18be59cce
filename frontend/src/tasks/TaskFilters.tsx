import type { Task } from "@/api/types";
import { Tabs } from "@/ui/Tabs";
import styles from "./TasksPage.module.css";
import type { TaskFilter, TaskView } from "./taskRows";

const VIEWS: readonly { readonly view: TaskView; readonly label: string }[] = [
  { view: "open", label: "For you" },
  { view: "waiting", label: "For others" },
  { view: "held", label: "At work" },
  { view: "done", label: "Done" },
];
const KINDS: readonly (Task["kind"] | "all")[] = ["all", "select", "annotate", "refine", "verify"];

interface TaskFiltersProps {
  readonly counts: Readonly<Record<TaskView, number>>;
  readonly filter: TaskFilter;
  readonly onChange: (filter: TaskFilter) => void;
}

/** Which tasks the table shows: by state and by kind. */
export function TaskFilters({ counts, filter, onChange }: TaskFiltersProps) {
  return (
    <div className={styles.filters}>
      <Tabs
        label="Which tasks"
        tabs={VIEWS.map(({ view, label }) => ({
          name: view,
          testId: `tasks-${view}`,
          content: (
            <>
              {label} <span className={styles.count}>{counts[view]}</span>
            </>
          ),
        }))}
        chosen={filter.view}
        onChoose={(view) => onChange({ ...filter, view })}
      />
      <select
        aria-label="Kind of task"
        className={styles.kind}
        value={filter.kind}
        onChange={(event) => onChange({ ...filter, kind: event.target.value as TaskFilter["kind"] })}
      >
        {KINDS.map((kind) => (
          <option key={kind} value={kind}>
            {kind === "all" ? "Every kind" : kind}
          </option>
        ))}
      </select>
    </div>
  );
}
