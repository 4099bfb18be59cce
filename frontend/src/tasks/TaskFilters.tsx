import type { Task } from "@/api/types";
import styles from "./TasksPage.module.css";
import type { TaskFilter, TaskView } from "./taskRows";

const VIEWS: readonly { readonly view: TaskView; readonly label: string }[] = [
  { view: "open", label: "To do" },
  { view: "held", label: "At work" },
  { view: "done", label: "Done" },
];
const KINDS: readonly (Task["kind"] | "all")[] = ["all", "select", "annotate", "refine", "verify"];

interface TaskFiltersProps {
  readonly counts: Readonly<Record<TaskView, number>>;
  readonly filter: TaskFilter;
  readonly onChange: (filter: TaskFilter) => void;
}

export function TaskFilters({ counts, filter, onChange }: TaskFiltersProps) {
  return (
    <div className={styles.filters}>
      <div className={styles.views} role="tablist" aria-label="Which tasks">
        {VIEWS.map(({ view, label }) => (
          <button
            key={view}
            type="button"
            role="tab"
            aria-selected={filter.view === view}
            onClick={() => onChange({ ...filter, view })}
            data-testid={`tasks-${view}`}
          >
            {label} <span>{counts[view]}</span>
          </button>
        ))}
      </div>
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
