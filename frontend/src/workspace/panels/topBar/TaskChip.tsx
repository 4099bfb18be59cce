import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import type { ClaimedTask, Task } from "@/api/types";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Menu, MenuItem } from "@/ui/Menu";
import { Tooltip } from "@/ui/Tooltip";
import { showToast } from "@/ui/toasts";
import { useSession, useWorkspace } from "../../state/context";
import { emptyNames, isUnchanged, saveStateOf } from "../../state/selectors";
import { EndTaskDialog, type TaskEnding } from "./EndTaskDialog";
import styles from "./TaskChip.module.css";

const VERBS: Readonly<Record<Task["kind"], string>> = {
  select: "Select objects",
  annotate: "Annotate",
  refine: "Refine",
  verify: "Verify",
};

/** The task held here, or who holds the video. */
export function TaskChip() {
  const lease = useWorkspace((state) => state.lease);
  const session = useSession();
  switch (lease.at) {
    case "unknown":
      return null;
    case "held":
      return <HeldTask claimed={lease.claimed} held={lease.held} />;
    case "lost":
      return (
        <span className={styles.chip} data-testid="task-lost">
          <Badge tone="warn">Task handed on</Badge>
          <Button onClick={() => void session.lease.claim(lease.task.id)}>Claim it again</Button>
        </span>
      );
    case "free":
      return <Free others={lease.others} waiting={lease.waiting} />;
    default:
      return lease satisfies never;
  }
}

function Free({ others, waiting }: { readonly others: readonly Task[]; readonly waiting: readonly Task[] }) {
  const session = useSession();
  const holder = others.find((task) => task.masklet_id === null) ?? others[0];
  const first = waiting.find((task) => task.kind !== "verify");
  if (holder !== undefined) {
    return (
      <Tooltip
        content={`${holder.assignee_name ?? "Somebody"} holds a task here: your edits would be refused.`}
      >
        <span data-testid="task-others">
          <Badge tone="warn">{holder.assignee_name ?? "Somebody"} is working here</Badge>
        </span>
      </Tooltip>
    );
  }
  if (first === undefined) return null;
  return (
    <Tooltip content="Make it yours: nobody else edits the video while you hold it.">
      <Button onClick={() => void session.lease.claim(first.id)} data-testid="claim-task">
        Claim: {labelOf(first)}
      </Button>
    </Tooltip>
  );
}

interface HeldTaskProps {
  readonly claimed: ClaimedTask;
  readonly held: readonly ClaimedTask[];
}

function HeldTask({ claimed, held }: HeldTaskProps) {
  const session = useSession();
  const queryClient = useQueryClient();
  const [, navigate] = useLocation();
  const [ending, setEnding] = useState<TaskEnding | null>(null);
  // A task that ended would refuse the edits that still wait.
  const unsaved = useWorkspace((state) => saveStateOf(state).kind !== "saved");
  const unchanged = useWorkspace(isUnchanged);
  const empty = useWorkspace(emptyNames);
  const { task } = claimed;
  const leave = (done: boolean, words: string) => {
    if (!done) return;
    showToast(words);
    // The cached queue still shows this task as free.
    void queryClient.invalidateQueries({ queryKey: ["projects", task.project_id] });
    void queryClient.invalidateQueries({ queryKey: ["returned-tasks"] });
    if (held.length < 2) navigate(`/projects/${task.project_id}/tasks`);
  };
  const submit = async () => {
    if (unchanged) setEnding("contest");
    else leave(await session.lease.submit(), submittedWords(task, empty));
  };
  const end = async (how: TaskEnding, reason: string) => {
    setEnding(null);
    if (how === "reject") leave(await session.lease.reject(reason), "The video is rejected");
    else if (how === "contest")
      leave(await session.lease.contest(reason), "The object is back with a verifier, with your reason");
    else leave(await session.lease.handBack(reason === "" ? null : reason), "The task is back in the queue");
  };
  return (
    <span className={styles.chip} data-testid="task-held">
      {held.length > 1 ? (
        <TaskChoice claimed={claimed} held={held} />
      ) : (
        <Badge tone="accent">{labelOf(task)}</Badge>
      )}
      {task.reason !== null && (
        <span className={styles.reason} title={task.reason}>
          {task.reason}
        </span>
      )}
      <Button tone="primary" disabled={unsaved} onClick={() => void submit()} data-testid="submit-task">
        Submit
      </Button>
      <Menu label="More for this task" testId="task-menu">
        <MenuItem onSelect={() => setEnding("hand back")} testId="hand-back">
          Hand back
        </MenuItem>
        {task.kind === "refine" && (
          <MenuItem onSelect={() => setEnding("contest")} testId="contest">
            Contest the verdict
          </MenuItem>
        )}
        {task.masklet_id === null && (
          <MenuItem danger onSelect={() => setEnding("reject")} testId="reject-video">
            Reject the video
          </MenuItem>
        )}
      </Menu>
      {ending !== null && <EndTaskDialog how={ending} onEnd={end} onClose={() => setEnding(null)} />}
    </span>
  );
}

/** Which of several tasks on one video is in hand. */
function TaskChoice({ claimed, held }: HeldTaskProps) {
  const session = useSession();
  return (
    <select
      className={styles.choice}
      aria-label="Task in hand"
      value={claimed.task.id}
      onChange={(event) => session.lease.take(event.target.value)}
      data-testid="task-choice"
    >
      {held.map(({ task }) => (
        <option key={task.id} value={task.id}>
          {labelOf(task)}
        </option>
      ))}
    </select>
  );
}

function submittedWords(task: Task, empty: string): string {
  return task.kind === "annotate" && empty !== ""
    ? `Submitted. Without a mask, so put away: ${empty}.`
    : "Submitted";
}

function labelOf(task: Task): string {
  return task.masklet_name === null ? VERBS[task.kind] : `${VERBS[task.kind]} ${task.masklet_name}`;
}
