import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { revokeToken } from "@/api/people";
import { projectsQuery, tokensQuery } from "@/api/queries";
import type { ApiToken } from "@/api/types";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { LoadFailed } from "@/ui/Notice";
import { dateText } from "@/ui/numbers";
import { Skeleton } from "@/ui/Skeleton";
import { PERMISSION_WORDS } from "../roles";
import styles from "../Team.module.css";
import { NewTokenDialog } from "./NewTokenDialog";

/** The API tokens of the signed-in person. */
export function TokensSection({ isAdmin }: { readonly isAdmin: boolean }) {
  const { data, error, refetch } = useQuery(tokensQuery);
  const [making, setMaking] = useState(false);
  return (
    <section className={styles.section} data-testid="tokens">
      <div className={styles.sectionHead}>
        <h2>API tokens</h2>
        <Button onClick={() => setMaking(true)} data-testid="new-token">
          <Icon name="plus" />
          New token
        </Button>
      </div>
      {error && !data && <LoadFailed error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton height={44} />}
      {data?.length === 0 && (
        <div className={styles.rows}>
          <p className={styles.none}>
            None. A program sends one as <code>Authorization: Bearer …</code>, and acts as you within its
            scope.
          </p>
        </div>
      )}
      {data && data.length > 0 && (
        <ul className={styles.rows}>
          {data.map((token) => (
            <TokenRow key={token.id} token={token} />
          ))}
        </ul>
      )}
      {making && <NewTokenDialog isAdmin={isAdmin} onClose={() => setMaking(false)} />}
    </section>
  );
}

function TokenRow({ token }: { readonly token: ApiToken }) {
  const queryClient = useQueryClient();
  const projects = useQuery(projectsQuery).data;
  const revoking = useMutation({
    mutationFn: () => revokeToken(token.id),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: tokensQuery.queryKey }),
  });
  const expired = Date.parse(token.expires_at) < Date.now();
  const project = projects?.find(({ id }) => id === token.project_id)?.name;
  return (
    <li className={styles.row}>
      <div className={styles.who}>
        <span className={styles.nameLine}>
          {token.name}
          {expired && <Badge tone="warn">expired</Badge>}
        </span>
        <span className={styles.faint}>
          <code>{token.prefix}…</code> ·{" "}
          {token.scope.map((permission) => PERMISSION_WORDS[permission]).join(", ")}
          {token.project_id !== null && ` · only ${project ?? "one project"}`} · until{" "}
          {dateText(token.expires_at)} ·{" "}
          {token.last_used_at === null ? "never used" : `last used ${dateText(token.last_used_at)}`}
        </span>
      </div>
      <Button tone="quiet" disabled={revoking.isPending} onClick={() => revoking.mutate()}>
        Revoke
      </Button>
    </li>
  );
}
