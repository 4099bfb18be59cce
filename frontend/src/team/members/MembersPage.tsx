import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { removeMember, setRole } from "@/api/people";
import { messageOf } from "@/api/problem";
import { projectQuery } from "@/api/queries";
import { membersQuery } from "@/api/teamQueries";
import type { Id, Member, Role } from "@/api/types";
import { useMe } from "@/api/useMe";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { LoadFailed } from "@/ui/Notice";
import { dateText } from "@/ui/numbers";
import { Skeleton } from "@/ui/Skeleton";
import { showFailure } from "@/ui/toasts";
import { ROLE_WORDS, ROLES } from "../roles";
import styles from "../Team.module.css";
import { WebhooksSection } from "../webhooks/WebhooksSection";
import { AuditTrail } from "./AuditTrail";
import { InvitationsSection } from "./InvitationsSection";

/** A project's members and their roles. */
export function MembersPage({ projectId }: { readonly projectId: Id }) {
  const project = useQuery(projectQuery(projectId)).data;
  const me = useMe();
  const manages = project?.allowed.includes("manage") ?? false;
  return (
    <div className={styles.page} data-testid="members-page">
      <h1>Members</h1>
      <MemberList projectId={projectId} manages={manages} />
      {manages && me && me.way !== "local" && <InvitationsSection projectId={projectId} />}
      {manages && me?.way === "local" && (
        <p className={styles.hint}>
          This Maskloom has one person. <code>MASKLOOM_SIGN_IN=accounts make up</code> lets you invite others.
        </p>
      )}
      {manages && <WebhooksSection projectId={projectId} />}
      {manages && <AuditTrail projectId={projectId} />}
    </div>
  );
}

interface MemberListProps {
  readonly projectId: Id;
  readonly manages: boolean;
}

function MemberList({ projectId, manages }: MemberListProps) {
  const { data, error, refetch } = useQuery(membersQuery(projectId));
  if (error && !data) return <LoadFailed error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton height={132} />;
  return (
    <ul className={styles.rows} data-testid="members">
      {data.map((member) => (
        <MemberRow key={member.user_id} projectId={projectId} member={member} manages={manages} />
      ))}
    </ul>
  );
}

interface MemberRowProps extends MemberListProps {
  readonly member: Member;
}

function MemberRow({ projectId, member, manages }: MemberRowProps) {
  const [removing, setRemoving] = useState(false);
  const me = useMe();
  const isMe = member.user_id === me?.id;
  const queryClient = useQueryClient();
  const refresh = {
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["projects", projectId] }),
    onError: (error: unknown) => showFailure(messageOf(error)),
  };
  const changing = useMutation({
    mutationFn: (role: Role) => setRole(projectId, member.user_id, role),
    ...refresh,
  });
  const removal = useMutation({
    mutationFn: () => removeMember(projectId, member.user_id),
    ...refresh,
    onSettled: () => setRemoving(false),
  });
  return (
    <li className={styles.row} data-testid="member">
      <div className={styles.who}>
        <span className={styles.nameLine}>
          {member.name}
          {isMe && <Badge tone="accent">you</Badge>}
          {member.disabled && <Badge tone="warn">disabled</Badge>}
        </span>
        <span className={styles.faint}>
          {member.login !== null && `${member.login} · `}since {dateText(member.created_at)}
        </span>
      </div>
      {manages ? (
        <>
          <RoleSelect
            role={member.role}
            label={`Role of ${member.name}`}
            disabled={changing.isPending}
            onChange={changing.mutate}
          />
          <Button tone="quiet" onClick={() => setRemoving(true)} data-testid="remove-member">
            Remove
          </Button>
        </>
      ) : (
        <span title={ROLE_WORDS[member.role]}>{member.role}</span>
      )}
      <ConfirmDialog
        open={removing}
        title={isMe ? "Leave this project?" : `Remove ${member.name}?`}
        consequence={`${isMe ? "You" : "They"} lose access within seconds. What ${isMe ? "you" : "they"} made stays, with ${isMe ? "your" : "their"} name.`}
        action="Remove"
        busy={removal.isPending}
        onConfirm={() => removal.mutate()}
        onClose={() => setRemoving(false)}
      />
    </li>
  );
}

interface RoleSelectProps {
  readonly role: Role;
  readonly label: string;
  readonly disabled?: boolean;
  readonly onChange: (role: Role) => void;
}

function RoleSelect({ role, label, disabled = false, onChange }: RoleSelectProps) {
  return (
    <select
      className={styles.roleSelect}
      aria-label={label}
      title={ROLE_WORDS[role]}
      value={role}
      disabled={disabled}
      onChange={(event) => onChange(event.target.value as Role)}
      data-testid="role"
    >
      {ROLES.map((each) => (
        <option key={each} value={each}>
          {each}
        </option>
      ))}
    </select>
  );
}
