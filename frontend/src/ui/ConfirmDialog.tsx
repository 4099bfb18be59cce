import type { ReactNode } from "react";
import { Button } from "./Button";
import { Dialog, DialogActions } from "./Dialog";

interface ConfirmDialogProps {
  readonly open: boolean;
  readonly title: string;
  readonly consequence: ReactNode;
  readonly action: string;
  readonly busy?: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks before something that cannot be undone. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  return (
    <Dialog
      open={props.open}
      onClose={props.onClose}
      title={props.title}
      description={props.consequence}
      testId="confirm-dialog"
    >
      <DialogActions>
        <Button onClick={props.onClose}>Cancel</Button>
        <Button tone="danger" disabled={props.busy} onClick={props.onConfirm} data-testid="confirm">
          {props.action}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
