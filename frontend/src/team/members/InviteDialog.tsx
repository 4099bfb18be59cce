import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { invite } from "@/api/people";
import { messageOf } from "@/api/problem";
import { invitationsChanged } from "@/api/teamQueries";
import type { Id, Role } from "@/api/types";
import { Button } from "@/ui/Button";
import { Dialog, DialogActions } from "@/ui/Dialog";
import { SelectField, TextField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { dateText } from "@/ui/numbers";
import { ROLE_WORDS, ROLES } from "../roles";
import { linkAddress, SecretNotice } from "../SecretNotice";
import styles from "../Team.module.css";

const DAYS = [1, 7, 30];

interface InviteDialogProps {
  readonly projectId: Id | null;
  readonly onClose: () => void;
}

/** Creates an invitation link to a project or to an account. */
export function InviteDialog({ projectId, onClose }: InviteDialogProps) {
  const [role, setRole] = useState<Role>("annotator");
  const [note, setNote] = useState("");
  const [email, setEmail] = useState("");
  const [days, setDays] = useState(7);
  const queryClient = useQueryClient();
  const inviting = useMutation({
    mutationFn: () => invite(projectId, { role, note: note.trim(), email: email.trim() || null, days }),
    onSuccess: () => invitationsChanged(queryClient, projectId),
  });
  if (inviting.data) {
    return (
      <Dialog open onClose={onClose} title="The link" testId="invitation-made" width={520}>
        <SecretNotice
          secret={linkAddress(inviting.data.path)}
          words={`Hand it over: whoever opens it first gets in. It works once, until ${dateText(inviting.data.expires_at)}, and is not shown again.`}
          testId="invitation-link"
        />
        <DialogActions>
          <Button onClick={onClose}>Done</Button>
        </DialogActions>
      </Dialog>
    );
  }
  return (
    <Dialog open onClose={onClose} title="Invite somebody" testId="invite-dialog">
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          inviting.mutate();
        }}
      >
        <TextField
          label="Whom it is for"
          hint="A note for you and the other managers"
          maxLength={200}
          autoFocus
          value={note}
          onChange={(event) => setNote(event.target.value)}
          data-testid="invitation-note"
        />
        <TextField
          label="Their e-mail address, if they may sign in with a provider"
          hint="Nothing is sent there. Whoever the provider knows by it gets this account"
          type="email"
          maxLength={200}
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          data-testid="invitation-email"
        />
        {projectId !== null && <RoleField role={role} onChange={setRole} />}
        <SelectField label="Works for" value={days} onChange={(event) => setDays(Number(event.target.value))}>
          {DAYS.map((count) => (
            <option key={count} value={count}>
              {count === 1 ? "a day" : `${count} days`}
            </option>
          ))}
        </SelectField>
        {inviting.error && <Notice tone="bad" title={messageOf(inviting.error)} />}
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="primary" type="submit" disabled={inviting.isPending} data-testid="make-invitation">
            Make the link
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function RoleField({ role, onChange }: { readonly role: Role; readonly onChange: (role: Role) => void }) {
  return (
    <SelectField
      label="Role"
      hint={ROLE_WORDS[role]}
      value={role}
      onChange={(event) => onChange(event.target.value as Role)}
      data-testid="invitation-role"
    >
      {ROLES.map((each) => (
        <option key={each} value={each}>
          {each}
        </option>
      ))}
    </SelectField>
  );
}
