import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import { videoQuery } from "@/api/queries";
import type { ClaimedTask, Task } from "@/api/types";
import type { KeptOutcome, Outcome, TaskHold } from "@/outcomes/outcome";
import { useOutcomes } from "@/outcomes/outcomes";
import { WaitingOutcome } from "@/outcomes/WaitingOutcome";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Menu, MenuItem } from "@/ui/Menu";
import { Tooltip } from "@/ui/Tooltip";
import { showToast } from "@/ui/toasts";
import { missingWords } from "../../classes/shownObjects";
import { useSession, useWorkspace } from "../../state/context";
import { emptyNames, isUnchanged, saveStateOf } from "../../state/selectors";
import { EndTaskDialog, type TaskEnding } from "./EndTaskDialog";
import { MissingDialog } from "./MissingDialog";
import styles from "./TaskChip.module.css";

const VERBS: Readonly<Record<Task["kind"], string>> = {
  select: "Select objects",
  annotate: "Annotate",
  refine: "Refine",
  verify: "Verify",
};

const PRESSED: Readonly<Record<Outcome["kind"], string>> = {
  submit: "Submit",
  "hand back": "Hand back",
  contest: "Contest",
  reject: "Reject",
  verdict: "Judge",
  withdrawal: "Withdraw",
};

const ENDED: Readonly<Record<TaskEnding, string>> = {
  "hand back": "The task is back in the queue",
  reject: "The video is rejected",
  contest: "The object is back with a verifier, with your reason",
};

/** The task held here, or who holds the video. */
export function TaskChip() {
  const lease = useWorkspace((state) => state.lease);
  const gone = useWorkspace((state) => state.gone);
  const session = useSession();
  if (gone) return null;
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
      <Tooltip content="The video can be edited by others again when the task here is over.">
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
  const [pointedOut, setPointedOut] = useState<readonly string[]>([]);
  // A task that ended would refuse the edits that still wait.
  const unsaved = useWorkspace((state) => saveStateOf(state).kind !== "saved");
  const unchanged = useWorkspace(isUnchanged);
  const empty = useWorkspace(emptyNames);
  const { task } = claimed;
  const kept = useEnding(task);
  const waiting = kept?.state.at === "taking back" ? undefined : kept;
  const end = async (outcome: Outcome, done: string) => {
    setEnding(null);
    const place = `/videos/${task.video_id}`;
    const name = `${PRESSED[outcome.kind]} ${task.masklet_name ?? task.video_name}`;
    const ended = await session.lease.end({ outcome, name, done, place });
    if (!ended) return;
    showToast(done);
    // The cached queue still shows this task as free.
    void queryClient.invalidateQueries({ queryKey: ["projects", task.project_id] });
    void queryClient.invalidateQueries({ queryKey: ["returned-tasks"] });
    // It may have waited, and the person may have gone elsewhere.
    if (held.length < 2 && window.location.pathname === place) navigate(`/projects/${task.project_id}/tasks`);
  };
  const missing = () => {
    const video = queryClient.getQueryData(videoQuery(task.video_id).queryKey);
    // Selecting objects is not describing them.
    return video === undefined || task.kind === "select" ? [] : missingWords(session.store.getState(), video);
  };
  const submit = (allTheSame: boolean) => {
    const told = allTheSame ? [] : missing();
    setPointedOut(told);
    if (unchanged) setEnding("contest");
    else if (told.length === 0) void end({ kind: "submit", task: holdOf(task) }, submittedWords(task, empty));
  };
  const endWith = (how: TaskEnding, reason: string) =>
    void end(endingOf(how, holdOf(task), reason), ENDED[how]);
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
      {kept?.attended && kept.state.at !== "sending" && <WaitingOutcome kept={kept} named={false} />}
      {(waiting === undefined || waiting.state.at === "sending" || !waiting.attended) && (
        <Button
          tone="primary"
          disabled={unsaved || waiting !== undefined}
          onClick={() => submit(false)}
          data-testid="submit-task"
        >
          {waiting?.state.at === "waiting" ? "Waiting for the service" : "Submit"}
        </Button>
      )}
      {waiting === undefined && <TaskMenu task={task} onEnd={setEnding} />}
      {pointedOut.length > 0 && ending === null && (
        <MissingDialog missing={pointedOut} onSubmit={() => submit(true)} onClose={() => setPointedOut([])} />
      )}
      {ending !== null && <EndTaskDialog how={ending} onEnd={endWith} onClose={() => setEnding(null)} />}
    </span>
  );
}

interface TaskMenuProps {
  readonly task: Task;
  readonly onEnd: (how: TaskEnding) => void;
}

/** The ways to end a task without submitting it. */
function TaskMenu({ task, onEnd }: TaskMenuProps) {
  return (
    <Menu label="More for this task" testId="task-menu">
      <MenuItem onSelect={() => onEnd("hand back")} testId="hand-back">
        Hand back
      </MenuItem>
      {task.kind === "refine" && (
        <MenuItem onSelect={() => onEnd("contest")} testId="contest">
          Contest the verdict
        </MenuItem>
      )}
      {task.masklet_id === null && (
        <MenuItem danger onSelect={() => onEnd("reject")} testId="reject-video">
          Reject the video
        </MenuItem>
      )}
    </Menu>
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

function holdOf({ id, epoch }: Task): TaskHold {
  return { id, epoch };
}

function endingOf(how: TaskEnding, task: TaskHold, reason: string): Outcome {
  return how === "hand back"
    ? { kind: how, task, reason: reason === "" ? null : reason }
    : { kind: how, task, reason };
}

/** How this task is being ended. */
function useEnding(task: Task): KeptOutcome | undefined {
  return useOutcomes().findLast(
    ({ outcome, state }) =>
      state.at !== "refused" &&
      "task" in outcome &&
      outcome.task.id === task.id &&
      outcome.task.epoch === task.epoch,
  );
}
