import { Button } from "@/ui/Button";
import { Dialog, DialogActions } from "@/ui/Dialog";

interface MissingDialogProps {
  /** What is missing, in words. */
  readonly missing: readonly string[];
  readonly onSubmit: () => void;
  readonly onClose: () => void;
}

/** Points out what was not said before work is submitted; it can be submitted all the same. */
export function MissingDialog({ missing, onSubmit, onClose }: MissingDialogProps) {
  return (
    <Dialog
      open
      onClose={onClose}
      title="Some things are not said yet"
      description="You can submit all the same; whoever goes on can add them."
      testId="missing"
    >
      <ul>
        {missing.map((words) => (
          <li key={words}>{words}</li>
        ))}
      </ul>
      <DialogActions>
        <Button onClick={onClose}>Go back</Button>
        <Button tone="primary" onClick={onSubmit} data-testid="submit-all-the-same">
          Submit all the same
        </Button>
      </DialogActions>
    </Dialog>
  );
}
