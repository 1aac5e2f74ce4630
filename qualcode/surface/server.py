"""The page on one's own machine: bound to 127.0.0.1, for whoever holds the key of this start, and for nobody else."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import secrets
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import uvicorn
from starlette.applications import Starlette
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from qualcode.drawing import join_modules, read_static
from qualcode.errors import StudyError
from qualcode.surface.page import render_notice, render_page

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from qualcode.surface.answering import Answering
    from qualcode.surface.asking import Answer

HOST = "127.0.0.1"
_NAMES = (HOST, "localhost")

_STATUS = {"conflict": 409, "locked": 423, "disk": 507, "old": 403}
"""How HTTP tells the kinds of trouble; all others are 422."""

_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}

_OLD = "This page is from an earlier start. Open the new address."
_LARGEST = 4_000_000
"""Bytes of a request: all hits of a search in one act, and no more."""


@dataclass
class Serving:
    """A page that is being served.

    Parameters
    ----------
    surface
        What it shows.
    port
        0: any that is free.
    transcript
        With which it begins; ``""``: where the coder stopped.

    Attributes
    ----------
    address
        Where, with the key of this start, which stays good until its end.
    opening
        The same with a key that is good once: for the browser, since other users of the machine can read with which
        address a program was started.

    Raises
    ------
    StudyError
        If the port is taken.
    """

    surface: Answering
    port: int = 0
    transcript: str = ""
    _key: str = field(default_factory=secrets.token_urlsafe, repr=False)
    _once: str = field(default_factory=secrets.token_urlsafe, repr=False)
    _session: str = field(default_factory=secrets.token_urlsafe, repr=False)
    _token: str = field(default_factory=secrets.token_urlsafe, repr=False)

    def __post_init__(self) -> None:
        self._socket = _bind(self.port)
        self.port = self._socket.getsockname()[1]
        config = uvicorn.Config(
            self.app(), log_level="critical", access_log=False, lifespan="off", server_header=False, ws="none",
            timeout_graceful_shutdown=2,
        )  # fmt: skip
        self._server = uvicorn.Server(config)

    @property
    def address(self) -> str:
        """Where the page is."""
        return self._tell_address(self._key)

    @property
    def opening(self) -> str:
        """Where the browser is sent."""
        return self._tell_address(self._once)

    def _tell_address(self, key: str) -> str:
        query = {"key": key, **({"t": self.transcript} if self.transcript else {})}
        return f"http://{HOST}:{self.port}/?{urlencode(query)}"

    def run(self) -> None:
        """Serve until the program is told to end."""
        with contextlib.suppress(KeyboardInterrupt):
            self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        """End it, from another thread."""
        self._server.should_exit = True

    def app(self) -> ASGIApp:
        """Return the application."""
        routes = [
            Route("/", self._page),
            Route("/surface.css", _static(lambda: "\n".join(map(read_static, self.surface.styles)), "text/css")),
            Route("/surface.js", _static(lambda: join_modules(self.surface.script), "text/javascript")),
            Route("/media", self._media),
            Route("/do/{op}", self._ask, methods=["GET"]),
            Route("/act/{op}", self._act, methods=["POST"]),
        ]
        return _Guard(Starlette(routes=routes), {f"{name}:{self.port}" for name in _NAMES})

    # -- who may ----------------------------------------------------------------------------------------------------

    @property
    def _cookie(self) -> str:
        """The cookie's name: cookies know no ports, and two studies must not log each other out."""
        return f"qualcode-{self.port}"

    def _is_known(self, request: Request) -> bool:
        return secrets.compare_digest(request.cookies.get(self._cookie, "").encode(), self._session.encode())

    def _takes_key(self, key: str) -> bool:
        """Tell whether a key opens the page; one that is good once is not good again."""
        if secrets.compare_digest(key.encode(), self._key.encode()):
            return True
        is_good = bool(self._once) and secrets.compare_digest(key.encode(), self._once.encode())
        if is_good:
            self._once = ""
        return is_good

    # -- answers ----------------------------------------------------------------------------------------------------

    async def _page(self, request: Request) -> Response:
        has_key = self._takes_key(request.query_params.get("key", ""))
        if not (has_key or self._is_known(request)):
            return HTMLResponse(render_notice("qualcode", _OLD), 403)
        data = await self._do("open", {"t": request.query_params.get("t", "")})
        if "error" in data:
            return HTMLResponse(render_notice("qualcode", str(data["error"]["message"])), 500)
        answer = HTMLResponse(render_page({**data, "token": self._token}))
        if has_key:
            answer.set_cookie(self._cookie, self._session, httponly=True, samesite="strict", path="/")
        return answer

    async def _media(self, request: Request) -> Response:
        """Give the recording of a transcript, or the part of it that a browser wants."""
        found = self.surface.find_media(request.query_params.get("t", "")) if self._is_known(request) else None
        return Response(status_code=404) if found is None else FileResponse(found[0], media_type=found[1])

    async def _ask(self, request: Request) -> Response:
        op = request.path_params["op"]
        if not self._is_known(request):
            return _refuse_old()
        if op not in self.surface.ops or self.surface.ops[op].kind == "act":
            return Response(status_code=404)
        try:
            data = json.loads(request.query_params.get("data", "{}"))
        except ValueError:
            data = None
        return await self._respond(op, data)

    async def _act(self, request: Request) -> Response:
        op = request.path_params["op"]
        token = request.headers.get("x-qualcode-token", "")
        if not (self._is_known(request) and secrets.compare_digest(token.encode(), self._token.encode())):
            return _refuse_old()
        if request.headers.get("origin") != f"http://{request.headers['host']}":
            return Response(status_code=403)
        if op not in self.surface.ops:
            return Response(status_code=404)
        try:
            data = json.loads(await _read_body(request))
        except ValueError:
            data = None
        return await self._respond(op, data)

    async def _respond(self, op: str, data: object) -> Response:
        if not isinstance(data, dict):
            return JSONResponse({"error": {"kind": "refused", "message": "What was sent cannot be read."}}, 400)
        found = await self._do(op, data)
        if not found:
            return Response(status_code=204)
        status = _STATUS.get(found["error"]["kind"], 422) if "error" in found else 200
        body = json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        return Response(body, status, media_type="application/json")

    async def _do(self, op: str, data: dict[str, Any]) -> Answer:
        return await asyncio.wrap_future(self.surface.submit(op, data))


def _refuse_old() -> Response:
    return JSONResponse({"error": {"kind": "old", "message": _OLD}}, 403)


async def _read_body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST:
            raise ValueError("too long")
    return body


def _static(read: Callable[[], str], kind: str) -> Callable[[Request], Awaitable[Response]]:
    async def give(_: Request) -> Response:
        return Response(read(), media_type=kind)

    return give


class _Guard:
    """Lets requests in that name this machine, and puts the safety headers on all answers."""

    def __init__(self, app: ASGIApp, hosts: set[str]) -> None:
        self.app, self.hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {key for key, _ in message["headers"]}
                message["headers"] += [
                    (key.encode(), value.encode()) for key, value in _HEADERS.items() if key.encode() not in present
                ]
            await send(message)

        host = next((value.decode("latin-1") for key, value in scope["headers"] if key == b"host"), "")
        app = self.app if host in self.hosts else Response("This address is for this machine only.", 400)
        await app(scope, receive, send_safely)


def _bind(port: int) -> socket.socket:
    """Return a socket on this machine alone."""
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name == "nt":  # there, another program could listen on the same port unless it is told not to
        found.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)  # type: ignore[attr-defined,unused-ignore]
    else:  # here, a port of which connections linger can be taken again
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((HOST, port))
        found.listen()  # from here on a browser may come, and waits until it is served
    except OSError as error:
        found.close()
        raise StudyError(
            f"Port {port} is taken: {error.strerror or error}.", hint="Name another one, or 0 for any that is free"
        ) from error
    return found


def find_port(name: str) -> int:
    """Return the port of a study if it is free, else 0: drafts are kept by address, which should stay the same."""
    port = 8700 + int(hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest(), 16) % 1000
    with contextlib.suppress(StudyError):
        _bind(port).close()
        return port
    return 0


def serve(surface: Answering, *, port: int | None = None, transcript: str = "") -> Serving:
    """Return a page that is ready to be served.

    Parameters
    ----------
    surface
        What it shows.
    port
        By default one that is the study's, if it is free; 0: any.
    transcript
        With which the page begins; by default where the coder stopped.
    """
    port = find_port(str(surface.root.resolve())) if port is None else port
    return Serving(surface, port, transcript)
