import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { messageOf } from "@/api/problem";
import type { Webhook, WebhookDelivery } from "@/api/types";
import { deliveriesQuery, sendDeliveryAgain } from "@/api/webhooks";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { LoadFailed } from "@/ui/Notice";
import { dateText } from "@/ui/numbers";
import { Skeleton } from "@/ui/Skeleton";
import { showFailure } from "@/ui/toasts";
import styles from "./Webhooks.module.css";
import { outcomeOf } from "./webhookWords";

const TONES = { delivered: "good", waiting: "warn", failed: "bad" } as const;

/** The last deliveries of a webhook, newest first. */
export function Deliveries({ webhook }: { readonly webhook: Webhook }) {
  const { data, error, refetch } = useQuery(deliveriesQuery(webhook.id));
  if (error && !data) return <LoadFailed error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton height={44} />;
  if (data.length === 0)
    return (
      <p className={styles.nothing}>Nothing was sent in the last 30 days. A test shows if it arrives.</p>
    );
  return (
    <ul className={styles.deliveries} data-testid="deliveries">
      {data.map((delivery) => (
        <DeliveryRow key={delivery.id} webhook={webhook} delivery={delivery} />
      ))}
    </ul>
  );
}

interface DeliveryRowProps {
  readonly webhook: Webhook;
  readonly delivery: WebhookDelivery;
}

function DeliveryRow({ webhook, delivery }: DeliveryRowProps) {
  const queryClient = useQueryClient();
  const sending = useMutation({
    mutationFn: () => sendDeliveryAgain(webhook.id, delivery.id),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: deliveriesQuery(webhook.id).queryKey }),
    onError: (error) => showFailure(messageOf(error)),
  });
  const outcome = outcomeOf(delivery);
  return (
    <li className={styles.delivery} data-testid="delivery">
      <time className={styles.when} dateTime={delivery.created_at}>
        {dateText(delivery.created_at)}
      </time>
      <code>{delivery.event}</code>
      <Badge tone={TONES[delivery.state]}>{delivery.state}</Badge>
      <span className={styles.outcome} title={outcome}>
        {outcome}
      </span>
      <Button
        tone="quiet"
        disabled={
          sending.isPending ||
          webhook.pause !== null ||
          (delivery.state === "waiting" && delivery.tries === 0)
        }
        onClick={() => sending.mutate()}
      >
        Send again
      </Button>
    </li>
  );
}
