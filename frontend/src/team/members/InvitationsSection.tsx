import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { withdrawInvitation } from "@/api/people";
import { invitationsChanged, invitationsQuery } from "@/api/teamQueries";
import type { Id, Invitation } from "@/api/types";
import { Button } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { LoadFailed } from "@/ui/Notice";
import { dateText } from "@/ui/numbers";
import { Skeleton } from "@/ui/Skeleton";
import { roleText } from "../roles";
import styles from "../Team.module.css";
import { InviteDialog } from "./InviteDialog";

/** Open invitations to a project or, without one, to an account only. */
export function InvitationsSection({ projectId }: { readonly projectId: Id | null }) {
  const { data, error, refetch } = useQuery(invitationsQuery(projectId));
  const [inviting, setInviting] = useState(false);
  return (
    <section className={styles.section} data-testid="invitations">
      <div className={styles.sectionHead}>
        <h2>Open invitations</h2>
        <Button tone="primary" onClick={() => setInviting(true)} data-testid="invite">
          <Icon name="plus" />
          Invite
        </Button>
      </div>
      {error && !data && <LoadFailed error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton height={44} />}
      {data?.length === 0 && (
        <div className={styles.rows}>
          <p className={styles.none}>None. An invitation is a link that you hand over; it works once.</p>
        </div>
      )}
      {data && data.length > 0 && (
        <ul className={styles.rows}>
          {data.map((invitation) => (
            <InvitationRow key={invitation.id} projectId={projectId} invitation={invitation} />
          ))}
        </ul>
      )}
      {inviting && <InviteDialog projectId={projectId} onClose={() => setInviting(false)} />}
    </section>
  );
}

interface InvitationRowProps {
  readonly projectId: Id | null;
  readonly invitation: Invitation;
}

function InvitationRow({ projectId, invitation }: InvitationRowProps) {
  const queryClient = useQueryClient();
  const withdrawing = useMutation({
    mutationFn: () => withdrawInvitation(projectId, invitation.id),
    onSettled: () => invitationsChanged(queryClient, projectId),
  });
  return (
    <li className={styles.row}>
      <div className={styles.who}>
        <span className={styles.nameLine}>{invitation.note || invitation.email || "Somebody"}</span>
        <span className={styles.faint}>
          {roleText(invitation.role)} · by {invitation.created_by ?? "the console"} · until{" "}
          {dateText(invitation.expires_at)}
        </span>
      </div>
      <Button tone="quiet" disabled={withdrawing.isPending} onClick={() => withdrawing.mutate()}>
        Withdraw
      </Button>
    </li>
  );
}
