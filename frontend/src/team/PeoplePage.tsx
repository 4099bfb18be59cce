import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type AccountChange, changeAccount, makePasswordLink } from "@/api/people";
import { messageOf } from "@/api/problem";
import { accountsQuery } from "@/api/queries";
import type { Account, NewLink } from "@/api/types";
import { useMe } from "@/api/useMe";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Dialog, DialogActions } from "@/ui/Dialog";
import { Menu, MenuItem } from "@/ui/Menu";
import { LoadFailed } from "@/ui/Notice";
import { countText, dateText } from "@/ui/numbers";
import { Skeleton } from "@/ui/Skeleton";
import { showFailure } from "@/ui/toasts";
import { AuditTrail } from "./members/AuditTrail";
import { InvitationsSection } from "./members/InvitationsSection";
import { linkAddress, SecretNotice } from "./SecretNotice";
import styles from "./Team.module.css";

/** Every account of the site; for administrators. */
export function PeoplePage() {
  const { data, error, refetch } = useQuery(accountsQuery);
  const me = useMe();
  return (
    <div className={styles.page} data-testid="people-page">
      <h1>People</h1>
      {error && !data && <LoadFailed error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton height={132} />}
      {data && (
        <ul className={styles.rows} data-testid="accounts">
          {data.map((account) => (
            <AccountRow key={account.id} account={account} isMe={account.id === me?.id} />
          ))}
        </ul>
      )}
      {data && me?.way !== "local" && <InvitationsSection projectId={null} />}
      {data && <AuditTrail projectId={null} />}
    </div>
  );
}

function AccountRow({ account, isMe }: { readonly account: Account; readonly isMe: boolean }) {
  return (
    <li className={styles.row} data-testid="account">
      <div className={styles.who}>
        <span className={styles.nameLine}>
          {account.name}
          {isMe && <Badge tone="accent">you</Badge>}
          {account.is_admin && <Badge>administrator</Badge>}
          {account.disabled && <Badge tone="warn">disabled</Badge>}
        </span>
        <span className={styles.faint}>
          {account.login ?? "no login"} · {countText(account.num_projects, "project")} ·{" "}
          {account.last_seen_at === null ? "not signed in" : `last seen ${dateText(account.last_seen_at)}`}
        </span>
      </div>
      <AccountActions account={account} />
    </li>
  );
}

function AccountActions({ account }: { readonly account: Account }) {
  const [link, setLink] = useState<NewLink | null>(null);
  const queryClient = useQueryClient();
  const failed = (error: unknown) => showFailure(messageOf(error));
  const changing = useMutation({
    mutationFn: (change: AccountChange) => changeAccount(account.id, change),
    onSuccess: () =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey: accountsQuery.queryKey }),
        queryClient.invalidateQueries({ queryKey: ["audit"] }),
      ]),
    onError: failed,
  });
  const linking = useMutation({
    mutationFn: () => makePasswordLink(account.id),
    onSuccess: setLink,
    onError: failed,
  });
  return (
    <>
      <Menu label={`More about ${account.name}`} testId="account-menu">
        <MenuItem icon="pencil" onSelect={() => linking.mutate()}>
          Link for a new password
        </MenuItem>
        <MenuItem icon="person" onSelect={() => changing.mutate({ is_admin: !account.is_admin })}>
          {account.is_admin ? "No longer an administrator" : "Make an administrator"}
        </MenuItem>
        <MenuItem
          icon={account.disabled ? "check" : "close"}
          danger={!account.disabled}
          onSelect={() => changing.mutate({ disabled: !account.disabled })}
        >
          {account.disabled ? "Enable" : "Disable and sign out"}
        </MenuItem>
      </Menu>
      {link && (
        <Dialog open onClose={() => setLink(null)} title={`A new password for ${account.name}`} width={520}>
          <SecretNotice
            secret={linkAddress(link.path)}
            words={`Hand it over: it works once, until ${dateText(link.expires_at)}. The old password holds until then.`}
            testId="password-link"
          />
          <DialogActions>
            <Button onClick={() => setLink(null)}>Done</Button>
          </DialogActions>
        </Dialog>
      )}
    </>
  );
}
