"""Who may ask the server: this machine, this start, this page. A real server on a real socket."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from browsing import serving
from studies import begin_study

from qualcode.errors import StudyError
from qualcode.surface import Surface, serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qualcode.study import Study
    from qualcode.surface import Serving


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return begin_study(tmp_path / "study")


@pytest.fixture
def page(study: Study) -> Iterator[Serving]:
    with serving(study) as found:
        yield found


class Caller:
    """Asks as a browser does, or as somebody else."""

    def __init__(self, page: Serving) -> None:
        self.page, self.cookie, self.token = page, "", ""

    def ask(
        self, path: str, method: str = "GET", body: object = None, **headers: str
    ) -> tuple[int, dict[str, str], str]:
        line = http.client.HTTPConnection("127.0.0.1", self.page.port, timeout=10)
        sent = {"Host": f"127.0.0.1:{self.page.port}", **headers}
        if self.cookie:
            sent.setdefault("Cookie", self.cookie)
        line.request(method, path, body=None if body is None else json.dumps(body), headers=sent)
        answer = line.getresponse()
        text = answer.read().decode("utf-8")
        line.close()
        return answer.status, {key.lower(): value for key, value in answer.getheaders()}, text

    def enter(self) -> str:
        status, headers, text = self.ask(self.page.address.partition(str(self.page.port))[2])
        assert status == 200
        self.cookie = headers["set-cookie"].partition(";")[0]
        self.token = re.search(r'"token":"([^"]+)"', text)[1]  # type: ignore[index]
        return headers["set-cookie"]

    def act(self, **headers: str) -> int:
        origin = f"http://127.0.0.1:{self.page.port}"
        data = {"op": "seen", "t": "P07", "turns": ["t002"]}
        told = {"Origin": origin, "X-Qualcode-Token": self.token, **headers}
        return self.ask("/act/act", "POST", data, **told)[0]


@pytest.fixture
def caller(page: Serving) -> Caller:
    return Caller(page)


def test_the_address_is_this_machine(page: Serving) -> None:
    assert page.address.startswith(f"http://127.0.0.1:{page.port}/?key=")


def test_the_key_becomes_a_cookie_that_only_this_page_has(caller: Caller) -> None:
    cookie = caller.enter()
    assert cookie.startswith(f"qualcode-{caller.page.port}=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert caller.ask("/")[0] == 200


def test_without_the_key_there_is_nothing(caller: Caller) -> None:
    status, _, text = caller.ask("/")
    assert (status, "This page is from an earlier start. Open the new address." in text) == (403, True)
    assert caller.ask("/?key=nonsense")[0] == 403
    status, _, text = caller.ask("/do/counts")
    assert status == 403
    assert json.loads(text)["error"]["kind"] == "old"


def test_the_browser_is_sent_with_a_key_that_is_good_once(caller: Caller) -> None:
    path = caller.page.opening.partition(str(caller.page.port))[2]
    assert [caller.ask(path)[0] for _ in range(2)] == [200, 403]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil:80", ""])
def test_another_host_is_refused(caller: Caller, host: str) -> None:
    caller.enter()
    assert caller.ask("/", Host=host)[0] == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
        {"Origin": ""},
        {"X-Qualcode-Token": "x"},
        {"Cookie": "a=b"},
    ],
    ids=str,
)
def test_acts_need_cookie_token_and_origin(caller: Caller, study: Study, headers: dict[str, str]) -> None:
    caller.enter()
    assert caller.act(**headers) == 403
    assert study.sheet("ana", "P07") is None
    assert caller.act() == 200


def test_acts_are_not_done_by_reading(caller: Caller, study: Study) -> None:
    caller.enter()
    assert caller.ask("/do/act?data=%7B%22op%22:%22seen%22%7D")[0] == 404
    assert caller.ask("/act/act")[0] == 405
    assert study.sheet("ana", "P07") is None


@pytest.mark.parametrize("path", ["/", "/surface.js", "/surface.css", "/do/counts", "/nothing", "/../study.yaml"])
def test_every_answer_carries_the_safety_headers(caller: Caller, path: str) -> None:
    caller.enter()
    _, headers, _ = caller.ask(path)
    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in headers["content-security-policy"]
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")
    assert headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in headers


def test_nonsense_is_answered_in_words(caller: Caller) -> None:
    caller.enter()
    assert caller.ask("/do/changes?data=nonsense")[0] == 400
    assert caller.ask("/do/changes?data=[1]")[0] == 400
    assert caller.ask("/do/changes")[0] == 422
    told = {"Origin": f"http://127.0.0.1:{caller.page.port}", "X-Qualcode-Token": caller.token}
    assert caller.ask("/act/act", "POST", "no object", **told)[0] == 400
    assert caller.ask("/act/act", "POST", {"op": "x" * 5_000_000}, **told)[0] == 400


def test_what_stands_in_transcripts_cannot_end_the_data(tmp_path: Path) -> None:
    from studies import build_transcript

    study = begin_study(tmp_path / "other")
    words = '</script><script>alert(1)</script><!-- & \u2028 " \\'
    study.add_transcript(build_transcript("A", (("<b>Ana</b>", words),)))
    with serving(study, transcript="A") as page:
        caller = Caller(page)
        _, _, text = caller.ask(page.address.partition(str(page.port))[2])
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert data is not None
    assert json.loads(data[1])["transcript"]["turns"][0]["text"] == words
    assert text.count("<script") == 2


def test_a_port_that_is_taken(study: Study, page: Serving) -> None:
    surface = Surface(study, "ana")
    with pytest.raises(StudyError, match="is taken"):
        serve(surface, port=page.port)
    surface.close()


def test_the_command_prints_the_address_first_and_serves(study: Study) -> None:
    command = [sys.executable, "-m", "qualcode", "code", "--study", str(study.root), "--coder", "ana"]
    study.close()
    process = subprocess.Popen(
        [*command, "--no-browser", "--port", "0"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/\?key=\S+", address)
        assert found is not None
        line = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=10)
        line.request("GET", address.partition(found[1])[2])
        assert line.getresponse().status == 200
        line.close()
    finally:
        process.terminate()
        process.communicate(timeout=20)


def test_the_command_asks_who_codes(tmp_path: Path) -> None:
    study = begin_study(tmp_path / "two")
    for coder in ("ana", "ben"):
        study.add_coder(coder)
    command = [sys.executable, "-m", "qualcode", "code", "--study", str(study.root), "--no-browser"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Say who codes." in done.stderr
    assert "ana, ben" in done.stderr
