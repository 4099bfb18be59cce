"""How routes about a webhook find its project, for `access(...)`."""

from backend.auth.resource import Resource
from backend.tables import Webhook
from backend.webhooks.problems import WebhookNotFound

WEBHOOK = Resource("webhook", id=Webhook.id, project_id=Webhook.project_id, not_found=WebhookNotFound)
