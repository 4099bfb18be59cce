import type { Me } from "@/api/types";
import { Dialog } from "@/ui/Dialog";
import { SignInForm } from "./SignInForm";

interface SignedOutDialogProps {
  readonly returnTo: string;
  readonly onSignedIn: (me: Me) => void;
}

/** Asks to sign in again over the open page, which keeps its state. */
export function SignedOutDialog({ returnTo, onSignedIn }: SignedOutDialogProps) {
  return (
    <Dialog
      open
      onClose={() => undefined}
      title="You were signed out"
      description="Sign in to go on. What is not saved yet waits here, and is sent once you are back."
      width={400}
      testId="signed-out"
    >
      <SignInForm returnTo={returnTo} onSignedIn={onSignedIn} />
    </Dialog>
  );
}
