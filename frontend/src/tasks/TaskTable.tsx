import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { phasesQuery } from "@/api/queries";
import { pageOf } from "@/api/tasks";
import type { Id, PhaseRules, Task } from "@/api/types";
import { useMe } from "@/api/useMe";
import { Badge } from "@/ui/Badge";
import { Button, IconButton } from "@/ui/Button";
import { HiddenWords } from "@/ui/HiddenWords";
import { Icon } from "@/ui/Icon";
import { TableScroll } from "@/ui/TableScroll";
import { HandOver } from "./HandOver";
import styles from "./TasksPage.module.css";
import { outcomeOf, viewOf, whoseTask } from "./taskRows";
import { useTaskUpdate } from "./useTaskUpdate";

interface TaskTableProps {
  readonly tasks: readonly Task[];
  readonly projectId: Id;
  /** Whether the reader may order the queue and take tasks away. */
  readonly manages: boolean;
  readonly onClaim: (task: Task) => void;
}

const TONES = { select: "plain", annotate: "accent", refine: "warn", verify: "good" } as const;

/** One row per task: kind, video, assignee, actions. */
export function TaskTable({ tasks, projectId, manages, onClaim }: TaskTableProps) {
  const phases = useQuery(phasesQuery).data ?? [];
  return (
    <TableScroll label="Tasks">
      <table className={styles.table} data-testid="tasks">
        <thead>
          <tr>
            <th>Task</th>
            <th>Video</th>
            <th>Object</th>
            <th>Phase</th>
            <th>Priority</th>
            <th>Whose</th>
            <th>Note</th>
            <th>
              <HiddenWords>Actions</HiddenWords>
            </th>
          </tr>
        </thead>
        <tbody>
          {tasks.map((task) => (
            <TaskRow
              key={task.id}
              task={task}
              projectId={projectId}
              manages={manages}
              onClaim={onClaim}
              rules={phases.find(({ phase }) => phase === task.phase)}
            />
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

interface TaskRowProps {
  readonly task: Task;
  readonly projectId: Id;
  readonly manages: boolean;
  readonly rules: PhaseRules | undefined;
  readonly onClaim: (task: Task) => void;
}

function TaskRow({ task, projectId, manages, rules, onClaim }: TaskRowProps) {
  const view = viewOf(task);
  const me = useMe();
  return (
    <tr data-testid="task" data-kind={task.kind} data-state={task.state}>
      <td>
        <Badge tone={TONES[task.kind]}>{task.kind}</Badge>
      </td>
      <td className={styles.video}>
        <Link href={pageOf(task)}>{task.video_name}</Link>
      </td>
      <td>{task.masklet_name ?? "all"}</td>
      <td title={rules?.summary}>{rules === undefined ? "" : `${rules.number} ${rules.title}`}</td>
      <td>
        <Priority task={task} projectId={projectId} fixed={view === "done" || !manages} />
      </td>
      <td>{whoseTask(task, me?.id)}</td>
      <td className={styles.note} title={outcomeOf(task)}>
        {outcomeOf(task)}
      </td>
      <td className={styles.act}>
        {task.claimable && <Button onClick={() => onClaim(task)}>Claim</Button>}
        {view !== "done" && manages && <HandOver task={task} projectId={projectId} />}
      </td>
    </tr>
  );
}

interface PriorityProps {
  readonly task: Task;
  readonly projectId: Id;
  readonly fixed: boolean;
}

function Priority({ task, projectId, fixed }: PriorityProps) {
  const { mutate } = useTaskUpdate(projectId);
  const { priority } = task;
  return (
    <span className={styles.priority}>
      <output>{priority}</output>
      {!fixed && (
        <>
          <IconButton
            label="More urgent"
            onClick={() => mutate({ task, priority: priority + 1 })}
            data-testid="more-urgent"
          >
            <Icon name="plus" size={12} />
          </IconButton>
          <IconButton label="Less urgent" onClick={() => mutate({ task, priority: priority - 1 })}>
            <Icon name="down" size={12} />
          </IconButton>
        </>
      )}
    </span>
  );
}
