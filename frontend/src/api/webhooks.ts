/** Calls about a project's webhooks. */
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { abortable, allPages, api, settled } from "./client";
import { auditQuery } from "./teamQueries";
import type { Id, NewWebhookSecret, Webhook, WebhookDelivery, WebhookEvent } from "./types";

const SHOWN_DELIVERIES = 50;
const POLL_MILLISECONDS = 15_000;
const WAITING_MILLISECONDS = 1_000;

export interface WebhookWish {
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  readonly note: string;
}

export function createWebhook(projectId: Id, { events, ...wish }: WebhookWish): Promise<NewWebhookSecret> {
  return settled(
    api.POST("/api/projects/{project_id}/webhooks", {
      params: { path: { project_id: projectId } },
      body: { ...wish, events: [...events] },
    }),
  );
}

export function changeWebhook(webhookId: Id, { events, ...wish }: WebhookWish): Promise<Webhook> {
  return settled(
    api.PATCH("/api/webhooks/{webhook_id}", { ...at(webhookId), body: { ...wish, events: [...events] } }),
  );
}

export function pauseWebhook(webhookId: Id, paused: boolean): Promise<Webhook> {
  return settled(api.PATCH("/api/webhooks/{webhook_id}", { ...at(webhookId), body: { paused } }));
}

export function deleteWebhook(webhookId: Id): Promise<unknown> {
  return settled(api.DELETE("/api/webhooks/{webhook_id}", at(webhookId)));
}

export function renewWebhookSecret(webhookId: Id): Promise<NewWebhookSecret> {
  return settled(api.POST("/api/webhooks/{webhook_id}/secret", at(webhookId)));
}

export function sendWebhookTest(webhookId: Id): Promise<WebhookDelivery> {
  return settled(api.POST("/api/webhooks/{webhook_id}/test", at(webhookId)));
}

export function sendDeliveryAgain(webhookId: Id, deliveryId: Id): Promise<WebhookDelivery> {
  const path = { webhook_id: webhookId, delivery_id: deliveryId };
  return settled(api.POST("/api/webhooks/{webhook_id}/deliveries/{delivery_id}/again", { params: { path } }));
}

export function webhooksQuery(projectId: Id) {
  return queryOptions({
    queryKey: ["projects", projectId, "webhooks"],
    queryFn: ({ signal }): Promise<readonly Webhook[]> =>
      allPages((query) =>
        api.GET("/api/projects/{project_id}/webhooks", {
          params: { path: { project_id: projectId }, query },
          ...abortable(signal),
        }),
      ),
    refetchInterval: POLL_MILLISECONDS,
  });
}

/** The last deliveries, newest first. One that is about to be sent is watched. */
export function deliveriesQuery(webhookId: Id) {
  return queryOptions({
    queryKey: ["webhooks", webhookId, "deliveries"],
    queryFn: ({ signal }): Promise<readonly WebhookDelivery[]> =>
      settled(
        api.GET("/api/webhooks/{webhook_id}/deliveries", {
          params: { path: { webhook_id: webhookId }, query: { limit: SHOWN_DELIVERIES } },
          ...abortable(signal),
        }),
      ),
    refetchInterval: ({ state }) =>
      state.data?.some(({ state, tries }) => state === "waiting" && tries === 0)
        ? WAITING_MILLISECONDS
        : POLL_MILLISECONDS,
  });
}

/** Has anew what a change to a webhook changes. */
export async function webhooksChanged(client: QueryClient, projectId: Id): Promise<void> {
  for (const queryKey of [webhooksQuery(projectId).queryKey, auditQuery(projectId).queryKey])
    await client.invalidateQueries({ queryKey });
}

function at(webhookId: Id) {
  return { params: { path: { webhook_id: webhookId } } };
}
