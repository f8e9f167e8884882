"""The pages' addresses, on the application of the service."""

import re
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, FastAPI, Query, Request
from fastapi import Path as Number
from starlette.responses import HTMLResponse, RedirectResponse, Response

from dohyo.dashboard.context import Context
from dohyo.dashboard.paper import fragment, page, static
from dohyo.dashboard.proof import proof
from dohyo.dashboard.study import Study
from dohyo.dashboard.thumbnails import thumbnail_of
from dohyo.dashboard.views.compare import LEAST, compare, compare_picture
from dohyo.dashboard.views.correct import correct
from dohyo.dashboard.views.gap import gap, picture_uri
from dohyo.dashboard.views.health import health
from dohyo.dashboard.views.monitor import act_on, monitor
from dohyo.dashboard.views.overview import overview
from dohyo.dashboard.views.rollout import act, rollout
from dohyo.dashboard.views.value import value
from dohyo.rollout.refusal import Refusal
from dohyo.serve.answers import Json, caller_of
from dohyo.serve.gate import COOKIE
from dohyo.serve.service import Service
from dohyo.words import Language, Words

BACK = re.compile(r"/(en|ja)/[a-z]+")
STUDIED = {"overview": overview, "gap": gap, "correct": correct}
View = Literal["overview", "gap", "correct", "compare", "value", "rollout", "monitor", "health"]
DONE = (
    *("raw", "approve", "reject", "apply", "propose", "activate"),
    *("approve_first", "snooze", "back", "close"),
)
Changing = Literal["rollout", "monitor"]
CHANGES = {"rollout": act, "monitor": act_on}
"""What the forms of a page do."""
MOST_FORM = 64 << 10


routes = APIRouter(include_in_schema=False)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Dashboard:
    """What the pages of a service stand on.

    Attributes
    ----------
    service : whose pages they are
    study : what is worked out of the corpus
    pictures : folder that the payload's `path` is relative to
    language : of a reader whose browser asks for none of ours
    """

    service: Service
    study: Study
    pictures: Path | None
    language: Language

    def context(self, chosen: Language) -> Context:
        """Return what a view is given."""
        return Context(
            service=self.service, study=self.study, words=Words(chosen), pictures=self.pictures
        )


def dashboard(
    corpus: Path | None, pictures: Path | None, *, language: Language = "en"
) -> Callable[[FastAPI, Service], None]:
    """Return what adds the pages to a service.

    Parameters
    ----------
    corpus : what the pages on gap, correction and value tell of; None without them
    pictures, language : see `Dashboard`
    """
    study = Study(corpus)

    def add(app: FastAPI, service: Service) -> None:
        app.state.dashboard = Dashboard(
            service=service, study=study, pictures=pictures, language=language
        )
        app.include_router(routes)

    return add


def _here(request: Request) -> Dashboard:
    found: Dashboard = request.app.state.dashboard
    return found


async def _values(name: str, here: Context, request: Request) -> Mapping[str, Any]:
    """Return what a page shows."""
    work = here.service.in_thread
    if name in STUDIED:
        return await work(lambda: STUDIED[name](here))
    if name == "value":
        given = dict(request.query_params)
        return await work(lambda: value(here, given))
    if name == "compare":
        asked = request.query_params.get("q", "")
        return await compare(here, asked, _strength(request), _each(request))
    if name == "rollout":
        return rollout(here, caller_of(request))
    if name == "monitor":
        return await work(lambda: monitor(here, caller_of(request)))
    return await health(here)


async def _shown(name: str, chosen: Language, request: Request, said: str = "") -> Response:
    here = _here(request).context(chosen)
    here.study.begin()
    common = {
        "study": here.standing(),
        "said": said,
        "query": f"?{request.url.query}" if request.url.query else "",
        "caller": caller_of(request),
        "collection": here.service.collection,
    }
    return page(name, here.words, common | dict(await _values(name, here, request)))


@routes.get("/")
async def first(request: Request) -> Response:
    """Lead to the first page, in the reader's language."""
    own = _here(request).language
    asked = request.headers.get("accept-language", own)[:2].lower()
    return RedirectResponse(f"/{asked if asked in ('en', 'ja') else own}/overview", 303)


@routes.get("/static/{name}")
async def files(name: str) -> Response:
    """Return a script or a style sheet of ours."""
    held = static(name)
    if held is None:
        raise Refusal(404, "not_found", "There is no such file.", hint="See the pages.")
    return Response(held[0], media_type=held[1])


@routes.get("/picture")
async def picture(request: Request, id: Annotated[str, Query(max_length=512)]) -> Response:
    """Return the picture of an item of the collection."""
    here = _here(request)
    return await thumbnail_of(here.service, id, here.pictures)


@routes.get("/study")
async def standing(request: Request, lang: Language = "en") -> Json:
    """Say how far the corpus is worked out."""
    return Json(_here(request).context(lang).standing())


@routes.get("/point/{row}")
async def point(request: Request, row: int) -> Json:
    """Return the picture behind a point of the gap map."""
    found = _here(request).study.found
    return Json({"picture": None if found is None else picture_uri(found.findings.corpus, row)})


@routes.get("/login")
async def login(request: Request, next: str = "/", lang: Language | None = None) -> Response:
    """Ask for a token."""
    words = Words(lang or _here(request).language)
    return page("login", words, {"next": _back(next), "wrong": False})


@routes.post("/login")
async def log_in(request: Request, lang: Language | None = None) -> Response:
    """Keep a token that opens something, in a cookie that no script can read."""
    here = _here(request)
    form = await _form(request)
    token, back = form.get("token", ""), _back(form.get("next", "/"))
    try:
        here.service.tokens.caller(token)
    except Refusal:
        values = {"next": back, "wrong": True}
        return page("login", Words(lang or here.language), values, status=401)
    answer = RedirectResponse(back, 303)
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=secure)
    return answer


@routes.post("/logout")
async def log_out() -> Response:
    """Forget the token."""
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE)
    return answer


@routes.post("/{lang}/compare/picture")
async def lists(lang: Language, request: Request) -> Response:
    """Return both lists for the picture that is the body."""
    here = _here(request).context(lang)
    body = await request.body()
    found = await compare_picture(here, body, _strength(request), _each(request))
    return HTMLResponse(fragment("lists.html.j2", here.words, found))


@routes.post("/{lang}/{name}")
async def change(lang: Language, name: Changing, request: Request) -> Response:
    """Do what a form of a page asks for, and show the page again."""
    here = _here(request).context(lang)
    try:
        done = await CHANGES[name](here, caller_of(request), await _form(request))
    except Refusal as refusal:
        told = f"{refusal.what} {refusal.hint}"
        answer = await _shown(name, lang, request, said=told)
        answer.status_code = refusal.status
        return answer
    return RedirectResponse(f"/{lang}/{name}?done={done}", 303)


@routes.get("/{lang}/monitor/report/{alarm}")
async def report(
    lang: Language, alarm: Annotated[int, Number(ge=1, le=2**53)], request: Request
) -> Response:
    """Return the report behind a proposal."""
    service = _here(request).service
    return await service.in_thread(lambda: proof(service.settings.state, alarm))


@routes.get("/{lang}/{name}")
async def view(lang: Language, name: View, request: Request, done: str = "") -> Response:
    """Return a page."""
    said = Words(lang)(f"dashboard.done.{done}") if done in DONE else ""
    return await _shown(name, lang, request, said=said)


async def _form(request: Request) -> dict[str, str]:
    """Return a small form's fields."""
    body = await request.body()
    if len(body) > MOST_FORM:
        raise Refusal(413, "too_large", "The form is too long.", hint="Write less.")
    pairs = urllib.parse.parse_qsl(BytesIO(body).read().decode("utf-8", "replace"))
    return dict(pairs)


def _strength(request: Request) -> float:
    try:
        asked = float(request.query_params.get("strength", "1"))
    except ValueError:
        return 1.0
    return asked if 0 <= asked <= 1 else 1.0


def _each(request: Request) -> int:
    asked = request.query_params.get("each", "")
    return next((n for n in LEAST if str(n) == asked), 0)


def _back(path: str) -> str:
    """Return where to go after logging in: a page of ours, never another site."""
    return path if BACK.fullmatch(path) else "/"
