import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { endSignIn, signOutEverywhere } from "@/api/people";
import { signInsQuery } from "@/api/queries";
import type { SignedInBrowser } from "@/api/types";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { LoadFailed } from "@/ui/Notice";
import { dateText } from "@/ui/numbers";
import { Skeleton } from "@/ui/Skeleton";
import styles from "../Team.module.css";

export function SignInsSection() {
  const { data, error, refetch } = useQuery(signInsQuery);
  const everywhere = useMutation({
    mutationFn: signOutEverywhere,
    onSuccess: () => window.location.assign("/sign-in"),
  });
  return (
    <section className={styles.section}>
      <div className={styles.sectionHead}>
        <h2>Signed-in browsers</h2>
        <Button
          onClick={() => everywhere.mutate()}
          disabled={everywhere.isPending}
          data-testid="sign-out-everywhere"
        >
          Sign out everywhere
        </Button>
      </div>
      {error && !data && <LoadFailed error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton height={44} />}
      {data && (
        <ul className={styles.rows}>
          {data.map((found) => (
            <BrowserRow key={found.id} found={found} />
          ))}
        </ul>
      )}
    </section>
  );
}

function BrowserRow({ found }: { readonly found: SignedInBrowser }) {
  const queryClient = useQueryClient();
  const ending = useMutation({
    mutationFn: () => endSignIn(found.id),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: signInsQuery.queryKey }),
  });
  return (
    <li className={styles.row}>
      <div className={styles.who}>
        <span className={styles.nameLine}>
          {browserName(found.user_agent)}
          {found.is_this_one && <Badge tone="accent">this one</Badge>}
        </span>
        <span className={styles.faint}>
          {found.address} · last used {dateText(found.last_seen_at)} · until {dateText(found.expires_at)} at
          most
        </span>
      </div>
      {!found.is_this_one && (
        <Button tone="quiet" disabled={ending.isPending} onClick={() => ending.mutate()}>
          Sign out
        </Button>
      )}
    </li>
  );
}

/** "Chrome on Linux" from a user agent string. */
export function browserName(agent: string): string {
  const browser = /(Firefox|Edg|OPR|Chrome|Safari)\//.exec(agent)?.[1];
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(agent)?.[1];
  const name = { Edg: "Edge", OPR: "Opera" }[browser ?? ""] ?? browser ?? "A browser";
  return system ? `${name} on ${system.replace("Mac OS X", "macOS")}` : name;
}
