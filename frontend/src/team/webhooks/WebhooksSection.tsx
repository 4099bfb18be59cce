import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Id, Webhook } from "@/api/types";
import { webhooksQuery } from "@/api/webhooks";
import { Button } from "@/ui/Button";
import { Dialog, DialogActions } from "@/ui/Dialog";
import { Icon } from "@/ui/Icon";
import { LoadFailed } from "@/ui/Notice";
import { Skeleton } from "@/ui/Skeleton";
import { SecretNotice } from "../SecretNotice";
import styles from "../Team.module.css";
import { WebhookDialog } from "./WebhookDialog";
import { WebhookEntry } from "./WebhookEntry";

/** Which programs are told what happens in a project, and how that goes. */
export function WebhooksSection({ projectId }: { readonly projectId: Id }) {
  const { data, error, refetch } = useQuery(webhooksQuery(projectId));
  const [edited, setEdited] = useState<Webhook | "new" | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  return (
    <section className={styles.section} data-testid="webhooks">
      <div className={styles.sectionHead}>
        <h2>Webhooks</h2>
        <Button onClick={() => setEdited("new")} data-testid="new-webhook">
          <Icon name="plus" />
          New webhook
        </Button>
      </div>
      {error && !data && <LoadFailed error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton height={44} />}
      {data?.length === 0 && (
        <div className={styles.rows}>
          <p className={styles.none}>
            None. A webhook tells another program what happens here: videos that are ready, submitted tasks,
            verdicts, finished exports.
          </p>
        </div>
      )}
      {data && data.length > 0 && (
        <ul className={styles.rows}>
          {data.map((webhook) => (
            <WebhookEntry
              key={webhook.id}
              projectId={projectId}
              webhook={webhook}
              onEdit={() => setEdited(webhook)}
              onSecret={setSecret}
            />
          ))}
        </ul>
      )}
      {edited !== null && (
        <WebhookDialog
          projectId={projectId}
          webhook={edited === "new" ? null : edited}
          onSecret={setSecret}
          onClose={() => setEdited(null)}
        />
      )}
      {secret !== null && <SecretDialog secret={secret} onClose={() => setSecret(null)} />}
    </section>
  );
}

function SecretDialog({ secret, onClose }: { readonly secret: string; readonly onClose: () => void }) {
  return (
    <Dialog open onClose={onClose} title="The webhook's secret" testId="webhook-made" width={520}>
      <SecretNotice
        secret={secret}
        words="Give it to the receiver, which knows by it that a message is from here. Copy it now: it is not shown again, but can be renewed."
        testId="webhook-secret"
      />
      <DialogActions>
        <Button onClick={onClose}>Done</Button>
      </DialogActions>
    </Dialog>
  );
}
