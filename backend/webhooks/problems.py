"""Problems of webhooks."""

from backend.problems import MaskloomError, NotFound


class WebhookNotFound(NotFound):
    """There is no such webhook, or no longer."""

    slug = "webhook-not-found"


class DeliveryNotFound(NotFound):
    """The webhook has no such delivery; they are kept for 30 days."""

    slug = "delivery-not-found"


class TooManyWebhooks(MaskloomError):
    """A project has at most 10 webhooks; delete one first."""

    status = 409
    title = "Too many webhooks"
    slug = "too-many-webhooks"


class WebhookPaused(MaskloomError):
    """Nothing is sent to a paused webhook; resume it first."""

    status = 409
    title = "The webhook is paused"
    slug = "webhook-paused"


class WebhookAddressRefused(MaskloomError):
    """Webhooks reach the public internet, and networks that an administrator lists in MASKLOOM_WEBHOOK_NETWORKS."""

    status = 422
    title = "Webhooks may not reach this address"
    slug = "webhook-address-refused"
