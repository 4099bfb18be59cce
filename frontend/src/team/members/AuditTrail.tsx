import { useInfiniteQuery } from "@tanstack/react-query";
import { auditQuery } from "@/api/teamQueries";
import type { AuditEntry, Id } from "@/api/types";
import { Button } from "@/ui/Button";
import { LoadFailed } from "@/ui/Notice";
import { dateText } from "@/ui/numbers";
import { Skeleton } from "@/ui/Skeleton";
import styles from "../Team.module.css";
import { auditText } from "./auditText";

/** The audit trail of a project or, without one, of the whole site. */
export function AuditTrail({ projectId }: { readonly projectId: Id | null }) {
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery(
    auditQuery(projectId),
  );
  const entries = data?.pages.flatMap((page) => page.entries);
  return (
    <section className={styles.section} data-testid="audit">
      <div className={styles.sectionHead}>
        <h2>Audit trail</h2>
      </div>
      {error && !entries && <LoadFailed error={error} onRetry={() => void refetch()} />}
      {!entries && !error && <Skeleton height={88} />}
      {entries && (
        <div className={styles.rows}>
          {entries.length === 0 && <p className={styles.none}>Nothing has been changed yet.</p>}
          {entries.map((entry) => (
            <Entry key={entry.order} entry={entry} ofSite={projectId === null} />
          ))}
        </div>
      )}
      {hasNextPage && (
        <Button disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Earlier
        </Button>
      )}
    </section>
  );
}

function Entry({ entry, ofSite }: { readonly entry: AuditEntry; readonly ofSite: boolean }) {
  return (
    <div className={styles.entry}>
      <time className={styles.when} dateTime={entry.created_at}>
        {dateText(entry.created_at)}
      </time>
      <span>
        <strong>{entry.actor_name ?? "The console"}</strong> {auditText(entry)}
      </span>
      {ofSite && <span className={styles.faint}>{entry.project_name ?? ""}</span>}
    </div>
  );
}
