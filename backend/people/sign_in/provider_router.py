"""Routes to sign in with an OpenID provider: the browser goes there and comes back with a code."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from backend.auth.access import public
from backend.auth.cookie import is_secure, set_cookie
from backend.db.session import ShortSessions
from backend.people.problems import NoProvider, ProviderFailed, SignedInLocally
from backend.people.schemas import ProviderAddress, ProviderErrand
from backend.people.sign_in import oidc
from backend.people.sign_in.arrivals import let_arrival_in
from backend.people.sign_in.oidc import Errand
from backend.people.sign_in.settings_dependency import SiteSettings
from backend.people.sign_in.sign_ins import Browser, require_accounts
from backend.problems import MaskloomError, problems
from backend.settings import Settings

router = APIRouter(prefix="/api/sign-in/provider", tags=["signing in"])
_ERRAND_SECONDS = 600

Text = Annotated[str, Query(max_length=4000)]


@router.post("", responses=problems(NoProvider, ProviderFailed, SignedInLocally), dependencies=[public])
async def go_to_provider(
    body: ProviderErrand, request: Request, response: Response, settings: SiteSettings
) -> ProviderAddress:
    """The address to which to send this browser. A cookie keeps what it must bring back within ten minutes."""
    _require_provider(settings)
    errand = Errand.new(invitation=body.invitation, place=body.place)
    address = await oidc.provider_address(settings, errand, _origin(request, settings))
    _keep(response, settings, errand.pack())
    return ProviderAddress(address=address)


@router.get(
    "/callback", status_code=303, response_class=RedirectResponse, responses=problems(NoProvider), dependencies=[public]
)
async def come_back_from_provider(
    request: Request, sessions: ShortSessions, settings: SiteSettings, code: Text = "", state: Text = ""
) -> RedirectResponse:
    """The address to which the provider sends the browser back. The sign-in page shows any problem."""
    _require_provider(settings)
    try:
        errand = Errand.unpack(request.cookies.get(_cookie_name(settings)))
        if not code or not state or state != errand.state:
            raise ProviderFailed("The provider did not let you in, or this answer belongs to another attempt.")
        arrival = await oidc.who_came_back(settings, errand, _origin(request, settings), code=code)
        browser = Browser.of(request, settings)
        secret = await let_arrival_in(sessions, arrival, errand.invitation, browser, settings=settings)
    except MaskloomError as problem:
        answer = RedirectResponse(f"/sign-in?{urlencode({'problem': problem.slug})}", 303)
    else:
        answer = RedirectResponse(errand.place, 303)
        set_cookie(answer, settings, secret)
    _keep(answer, settings, "")
    return answer


def _require_provider(settings: Settings) -> None:
    require_accounts(settings)
    if not settings.oidc_issuer:
        raise NoProvider


def _origin(request: Request, settings: Settings) -> str:
    """The site's origin. The guard has checked that the host is the public one or this machine."""
    return settings.public_origin or f"http://{request.headers['host']}"


def _cookie_name(settings: Settings) -> str:
    return "__Host-maskloom-errand" if is_secure(settings) else "maskloom_errand"


def _keep(response: Response, settings: Settings, errand: str) -> None:
    seconds = _ERRAND_SECONDS if errand else 0
    response.set_cookie(
        _cookie_name(settings), errand, max_age=seconds, httponly=True, secure=is_secure(settings), samesite="lax"
    )
