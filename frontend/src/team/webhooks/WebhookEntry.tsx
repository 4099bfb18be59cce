import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { messageOf } from "@/api/problem";
import type { Id, Webhook } from "@/api/types";
import {
  deleteWebhook,
  deliveriesQuery,
  pauseWebhook,
  renewWebhookSecret,
  sendWebhookTest,
  webhooksChanged,
} from "@/api/webhooks";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { Menu, MenuItem } from "@/ui/Menu";
import { showFailure } from "@/ui/toasts";
import teamStyles from "../Team.module.css";
import { Deliveries } from "./Deliveries";
import styles from "./Webhooks.module.css";
import { conditionOf, EVENT_WORDS } from "./webhookWords";

interface WebhookEntryProps {
  readonly projectId: Id;
  readonly webhook: Webhook;
  readonly onEdit: () => void;
  readonly onSecret: (secret: string) => void;
}

/** One webhook: how it fares, what can be done with it, and what was sent to it. */
export function WebhookEntry({ projectId, webhook, onEdit, onSecret }: WebhookEntryProps) {
  const [open, setOpen] = useState(false);
  const [asked, setAsked] = useState<"delete" | "renew" | null>(null);
  const verbs = useVerbs(projectId, webhook, onSecret);
  const condition = conditionOf(webhook);
  const paused = webhook.pause !== null;
  return (
    <li className={styles.webhook} data-testid="webhook">
      <div className={styles.head}>
        <div className={teamStyles.who}>
          <span className={teamStyles.nameLine}>
            <span className={styles.url} title={webhook.url}>
              {webhook.url}
            </span>
            <Badge tone={condition.tone}>{condition.word}</Badge>
          </span>
          <span className={teamStyles.faint}>
            {webhook.note && `${webhook.note} · `}
            {webhook.events.map((event) => EVENT_WORDS[event].toLowerCase()).join(", ")} · by{" "}
            {webhook.made_by}
          </span>
        </div>
        {paused ? (
          <Button disabled={verbs.pausing.isPending} onClick={() => verbs.pausing.mutate(false)}>
            Resume
          </Button>
        ) : (
          <Button
            disabled={verbs.testing.isPending}
            onClick={() => verbs.testing.mutate(undefined, { onSuccess: () => setOpen(true) })}
            data-testid="send-test"
          >
            Send a test
          </Button>
        )}
        <Button tone="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
          Deliveries
        </Button>
        <Menu label={`More about the webhook to ${webhook.url}`} testId="webhook-menu">
          <MenuItem onSelect={onEdit}>Change</MenuItem>
          {!paused && <MenuItem onSelect={() => verbs.pausing.mutate(true)}>Pause</MenuItem>}
          <MenuItem onSelect={() => setAsked("renew")}>Renew the secret</MenuItem>
          <MenuItem danger onSelect={() => setAsked("delete")}>
            Delete
          </MenuItem>
        </Menu>
      </div>
      {condition.detail !== null && <p className={styles.words}>{condition.detail}</p>}
      {open && (
        <div className={styles.inside}>
          <Deliveries webhook={webhook} />
        </div>
      )}
      <ConfirmDialog
        open={asked === "delete"}
        title="Delete this webhook?"
        consequence={`What waits to be sent to ${webhook.url} is not sent any more.`}
        action="Delete"
        busy={verbs.deleting.isPending}
        onConfirm={() => verbs.deleting.mutate(undefined, { onSettled: () => setAsked(null) })}
        onClose={() => setAsked(null)}
      />
      <ConfirmDialog
        open={asked === "renew"}
        title="Renew the secret?"
        consequence="The receiver takes no message of ours for genuine until it has the new one."
        action="Renew"
        busy={verbs.renewing.isPending}
        onConfirm={() => verbs.renewing.mutate(undefined, { onSettled: () => setAsked(null) })}
        onClose={() => setAsked(null)}
      />
    </li>
  );
}

function useVerbs(projectId: Id, webhook: Webhook, onSecret: (secret: string) => void) {
  const queryClient = useQueryClient();
  const after = {
    onSuccess: () => webhooksChanged(queryClient, projectId),
    onError: (error: unknown) => showFailure(messageOf(error)),
  };
  const pausing = useMutation({
    mutationFn: (paused: boolean) => pauseWebhook(webhook.id, paused),
    ...after,
  });
  const deleting = useMutation({ mutationFn: () => deleteWebhook(webhook.id), ...after });
  const renewing = useMutation({
    mutationFn: async () => onSecret((await renewWebhookSecret(webhook.id)).secret),
    ...after,
  });
  const testing = useMutation({
    mutationFn: () => sendWebhookTest(webhook.id),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: deliveriesQuery(webhook.id).queryKey }),
    onError: after.onError,
  });
  return { pausing, deleting, renewing, testing };
}
