import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { messageOf } from "@/api/problem";
import type { Id, Webhook, WebhookEvent } from "@/api/types";
import { changeWebhook, createWebhook, webhooksChanged } from "@/api/webhooks";
import { Button } from "@/ui/Button";
import { Dialog, DialogActions } from "@/ui/Dialog";
import { TextField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import styles from "../Team.module.css";
import { EVENT_WORDS, EVENTS } from "./webhookWords";

interface WebhookDialogProps {
  readonly projectId: Id;
  /** The one to change; null makes a new one. */
  readonly webhook: Webhook | null;
  readonly onSecret: (secret: string) => void;
  readonly onClose: () => void;
}

/** Makes a webhook or changes one. */
export function WebhookDialog({ projectId, webhook, onSecret, onClose }: WebhookDialogProps) {
  const [url, setUrl] = useState(webhook?.url ?? "");
  const [note, setNote] = useState(webhook?.note ?? "");
  const [events, setEvents] = useState<readonly WebhookEvent[]>(webhook?.events ?? []);
  const queryClient = useQueryClient();
  const saving = useMutation({
    mutationFn: async () => {
      const wish = { url: url.trim(), note: note.trim(), events };
      if (webhook !== null) await changeWebhook(webhook.id, wish);
      else onSecret((await createWebhook(projectId, wish)).secret);
    },
    onSuccess: () => {
      void webhooksChanged(queryClient, projectId);
      onClose();
    },
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={webhook === null ? "New webhook" : "Change the webhook"}
      testId="webhook-dialog"
      width={520}
    >
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          saving.mutate();
        }}
      >
        <TextField
          label="URL"
          hint="Gets a signed POST. It must be on the public internet, or where an administrator allows it"
          placeholder="https://"
          maxLength={2000}
          autoFocus
          value={url}
          onChange={(event) => setUrl(event.target.value)}
          data-testid="webhook-url"
        />
        <EventChoice events={events} onChange={setEvents} />
        <TextField
          label="Note"
          hint="What it is for"
          maxLength={200}
          value={note}
          onChange={(event) => setNote(event.target.value)}
          data-testid="webhook-note"
        />
        {saving.error && <Notice tone="bad" title={messageOf(saving.error)} />}
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            tone="primary"
            type="submit"
            disabled={url.trim() === "" || events.length === 0 || saving.isPending}
            data-testid="save-webhook"
          >
            {webhook === null ? "Make the webhook" : "Save"}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

interface EventChoiceProps {
  readonly events: readonly WebhookEvent[];
  readonly onChange: (events: readonly WebhookEvent[]) => void;
}

function EventChoice({ events, onChange }: EventChoiceProps) {
  return (
    <fieldset className={styles.checks}>
      <legend>Tell it when</legend>
      {EVENTS.map((event) => (
        <label key={event} className={styles.check}>
          <input
            type="checkbox"
            checked={events.includes(event)}
            onChange={({ target }) =>
              onChange(target.checked ? [...events, event] : events.filter((other) => other !== event))
            }
          />
          {EVENT_WORDS[event]}
        </label>
      ))}
    </fieldset>
  );
}
