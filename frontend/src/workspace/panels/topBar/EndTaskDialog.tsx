import { useState } from "react";
import { Button } from "@/ui/Button";
import { Dialog, DialogActions } from "@/ui/Dialog";
import { TextField } from "@/ui/Field";

export type TaskEnding = "hand back" | "reject" | "contest";

interface EndTaskDialogProps {
  readonly how: TaskEnding;
  readonly onEnd: (how: TaskEnding, reason: string) => void;
  readonly onClose: () => void;
}

const WORDS = {
  "hand back": {
    title: "Hand the task back",
    description: "Everything you saved stays for whoever goes on.",
    label: "Why (optional)",
    action: "Hand back",
    tone: "primary",
  },
  reject: {
    title: "Reject the video",
    description: "It leaves the queue and the exports. A manager can take it back.",
    label: "Why",
    action: "Reject",
    tone: "danger",
  },
  contest: {
    title: "Contest the verdict",
    description:
      "Nothing has changed since the verdict. The object goes back to a verifier with your reason.",
    label: "Why the masks are right",
    action: "Contest",
    tone: "primary",
  },
} as const;

/** Leaves a task without submitting it, with a reason. */
export function EndTaskDialog({ how, onEnd, onClose }: EndTaskDialogProps) {
  const [reason, setReason] = useState("");
  const { title, description, label, action, tone } = WORDS[how];
  const trimmed = reason.trim();
  return (
    <Dialog open onClose={onClose} title={title} description={description} testId="end-task">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onEnd(how, trimmed);
        }}
      >
        <TextField
          label={label}
          value={reason}
          maxLength={500}
          onChange={(event) => setReason(event.target.value)}
          data-testid="end-reason"
        />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            tone={tone}
            disabled={how !== "hand back" && trimmed === ""}
            data-testid="end-confirm"
          >
            {action}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
