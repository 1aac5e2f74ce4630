"""What a study learns from a coder's work: never counted, the same for the same study, and honest about its limits."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from studies import Clock, build_transcript

from qualcode import tabulate
from qualcode.errors import StudyError
from qualcode.model import Span
from qualcode.study import Decision, Study, create_study, open_study
from qualcode.study.recall import decode_checks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CODEBOOK = """\
name: Farm
codes:
  - id: weather
    name: Weather
    codes:
      - id: rain
        name: Rain
        definition: Rain and drought
        rules: [storm]
      - id: heat
        name: Heat
  - id: money
    name: Money
    rules: [wage]
"""

WET = ("Rain came on Monday.", "It would rain for days.", "We had rain again.", "No rain fell then.")
PAID = ("They paid a wage late.", "My wage was small.", "A wage is a wage.", "The wage went home.")
OTHER = ("My sister cooks.", "The bus was full.", "We sang at night.", "The school is near.")


def talk_of(number: int) -> tuple[tuple[str, str], ...]:
    lines = [WET[number % 4], OTHER[number % 4], PAID[(number + 1) % 4], OTHER[(number + 2) % 4], WET[(number + 1) % 4]]
    return tuple(pair for line in lines for pair in (("Interviewer", "And then?"), ("Ana", f"{line}")))


def begin(folder: Path, names: Sequence[str] = ("P1", "P2", "P3", "P4", "P5", "P6")) -> Study:
    book = folder.parent / f"{folder.name}.yaml"
    folder.parent.mkdir(exist_ok=True)
    book.write_text(CODEBOOK, "utf-8")
    study = create_study(folder, codebook=book, clock=Clock())
    for number, name in enumerate(names):
        study.add_transcript(build_transcript(name, talk_of(number)))
    study.tag()
    return study


def code_all(study: Study, coder: str = "ana", *, skip: Sequence[str] = (), unread: Sequence[str] = ()) -> None:
    """Code rain and money as their words say, except in the places that are skipped."""
    for name in study.transcript_ids():
        if name in unread:
            continue
        transcript = study.transcript(name)
        decisions, seen = [], []
        for turn in transcript.units("turn"):
            address, words = f"{name}:{turn.id}", transcript.quote(turn.span).lower()
            seen.append(address)
            for word, code in (("rain", "rain"), ("wage", "money")):
                if word in words and address not in skip:
                    decisions.append(Decision(address, code, "apply"))
        study.decide_all(coder, decisions, seen=seen)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return begin(tmp_path / "farm")


def test_a_passage_that_was_missed_comes_first(study: Study) -> None:
    code_all(study, skip=["P3:t002"])  # “We had rain again.”
    frame = study.learn("ana").missed()
    assert list(frame.columns) == ["transcript", "segment", "start", "end", "code", "p", "word", "quote"]
    first = frame.iloc[0]
    assert (first.transcript, first.segment, first.code, first.quote) == (
        "P3",
        "t002",
        "weather/rain",
        "We had rain again.",
    )
    assert study.transcript("P3").quote(Span(int(first.start), int(first.end))) == first.quote
    assert first.word == "possible"  # with so little coding nothing is likely
    assert frame.p.is_monotonic_decreasing


def test_only_codes_that_the_coder_gives_are_missed(study: Study) -> None:
    code_all(study)
    assert set(study.learn("ana").missed(top=None).code) == {"weather/rain", "money"}


def test_a_coding_unlike_the_others_is_doubtful(study: Study) -> None:
    code_all(study)
    study.decide("ana", "P2:t004", "rain", "apply")  # “The bus was full.”
    frame = study.learn("ana").doubtful()
    assert (frame.iloc[0].quote, frame.iloc[0].code) == (
        study.transcript("P2").quote(study.segment("P2:t004")[1].span),
        "weather/rain",
    )


def test_unread_segments_are_ranked_and_others_are_not(study: Study) -> None:
    code_all(study, unread=["P6"])
    frame = study.learn("ana").rank("rain", top=None)
    assert set(frame.transcript) == {"P6"}
    assert "rain" in frame.iloc[0].quote.lower()
    assert "Interviewer" not in {study.segment(f"P6:{one}")[1].speaker for one in frame.segment}


def test_without_any_coding_the_rules_and_the_codebook_rank(study: Study) -> None:
    study.add_coder("ana")
    frame = study.learn("ana").rank("money")
    assert "wage" in frame.iloc[0].quote
    assert study.learn("ana").missed().empty
    assert study.learn("ana").doubtful().empty
    assert study.learn("ana").codes().empty


def test_what_carries_a_suggestion(study: Study) -> None:
    code_all(study, skip=["P3:t002"])
    learned = study.learn("ana")
    frame = learned.explain("P3:t002", "rain")
    assert frame.kind.tolist()[:2] == ["segment", "word"]
    assert frame.quote[1] == "rain"
    assert frame.p[1] < frame.p[0]
    near = frame[frame.kind == "passage"]
    assert len(near) == 2
    assert all("rain" in quote.lower() for quote in near.quote)
    assert (near.segment + near.transcript != "t002P3").all()
    told = learned.with_words(learned.missed(top=1))
    spread = "spread over the passage"
    assert told.words[0] == (  # the list and the explanation say the same
        spread if spread.partition(" ")[0] in set(frame.kind) else ", ".join(frame[frame.kind == "word"].quote)
    )
    rules = learned.explain("P1:t006", "money")
    assert rules[rules.kind == "rule"].quote.tolist() == ["wage"]
    with pytest.raises(StudyError, match="no segment"):
        learned.explain("P3:t999", "rain")
    with pytest.raises(StudyError, match="is a sentence"):
        learned.explain("P3:s0002", "rain")


def test_an_answer_is_an_act_of_the_coder_and_the_log_says_what_was_shown(study: Study) -> None:
    code_all(study, skip=["P3:t002"])
    event = study.learn("ana").answer("P3:t002", "rain", "accept")
    assert event is not None
    [coding] = study.codings_in("ana", "P3", study.segment("P3:t002")[1].span)
    assert (coding.verdict, coding.origin, coding.coder) == ("accepted", "learned", "ana")
    span = coding.span
    assert event.why.startswith("learned: possible, p 0.")
    assert event.why.endswith(f"shown {span.start}:{span.end}")
    study.undo("ana")
    assert study.codings_in("ana", "P3", span) == []
    assert study.learn("ana").missed().iloc[0].segment == "t002"


def test_a_rejected_suggestion_never_comes_back(study: Study) -> None:
    code_all(study, skip=["P3:t002"])
    learned = study.learn("ana")
    assert learned.answer("P3:t002", "rain", "reject")
    for one in (learned, learned.fit(), study.learn("ana")):
        frame = one.missed(top=None)
        assert not ((frame.transcript == "P3") & (frame.segment == "t002") & (frame.code == "weather/rain")).any()
    assert study.learn("ana").codes().set_index("code").loc["weather/rain", ["accepted", "rejected"]].tolist() == [0, 1]


def test_nothing_is_written_until_an_answer(study: Study) -> None:
    code_all(study)
    study.close()
    before = {path: path.read_bytes() for path in study.root.rglob("*") if path.is_file()}
    learned = study.learn("ana")
    (
        learned.missed(),
        learned.doubtful(),
        learned.rank("rain"),
        learned.codes(),
        learned.problems(),
        study.recall("ana", "rain"),
    )
    assert {path: path.read_bytes() for path in study.root.rglob("*") if path.is_file()} == before


def results_of(folder: Path) -> dict[str, bytes]:
    """Return themes, agreement and all files of the report of a study, to the byte."""
    from qualcode import count_themes, measure_agreement, report_study

    with open_study(folder) as study:
        themes = count_themes(study.tabulate()).frame.to_csv().encode()
        agreement = measure_agreement(study.tabulate(coders=["ana", "ben"])).frame.to_csv().encode()
    out = folder.parent / "report"
    report_study(folder, out)
    written = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    return {"themes": themes, "agreement": agreement, **written}


def test_what_is_learned_changes_no_theme_agreement_or_report(tmp_path: Path) -> None:
    """The same acts by hand, and as answers to suggestions beside checks and all that was looked at."""
    for name in ("hand", "used"):
        with begin(tmp_path / name / "farm") as study:
            code_all(study, skip=["P3:t002", "P5:t002"])
            code_all(study, "ben", unread=["P6"])
            if name == "hand":
                study.decide("ana", "P3:t002", "rain", "apply")
                continue
            learned = study.learn("ana")
            learned.missed(), learned.doubtful()
            learned.answer("P3:t002", "rain", "accept")
            learned.answer("P5:t004", "rain", "reject")
            study.draw_check("ben", "heat", seed=1)
    hand, used = results_of(tmp_path / "hand" / "farm"), results_of(tmp_path / "used" / "farm")
    assert len(hand) > 8
    assert hand.keys() == used.keys()
    # Only the statement of how much began as a suggestion tells them apart, and what holds it.
    others = {"report.docx", "report.html", "report.md", "report.xlsx", "run.json"}
    assert {name for name in hand if hand[name] != used[name]} == others
    pairs = zip(hand["report.md"].decode().splitlines(), used["report.md"].decode().splitlines(), strict=True)
    ((by_hand, answered),) = [(one, other) for one, other in pairs if one != other]
    assert by_hand.startswith("All 17 codings that count were given by people from scratch.")
    assert "People refused 1 suggestion of what was learned" in answered


@pytest.mark.parametrize("name", ["learned", "Learned", "model", "model:llama"])
def test_nobody_is_called_as_what_is_learned(study: Study, name: str) -> None:
    with pytest.raises(StudyError):
        study.add_coder(name)


def test_another_s_work_and_an_unread_transcript_change_no_suggestion(study: Study) -> None:
    code_all(study, skip=["P3:t002"])
    before = study.learn("ana").missed(top=None).to_csv()
    code_all(study, "ben")
    study.add_transcript(build_transcript("A0", talk_of(2)))
    assert study.learn("ana").missed(top=None).to_csv() == before


def test_the_order_of_files_and_coders_changes_nothing(tmp_path: Path) -> None:
    names = ["P1", "P2", "P3", "P4", "P5", "P6"]
    told = []
    for folder, order, coders in (("one", names, ("ana", "ben")), ("two", names[::-1], ("ben", "ana"))):
        book = tmp_path / f"{folder}.yaml"
        book.write_text(CODEBOOK, "utf-8")
        study = create_study(tmp_path / folder, codebook=book, clock=Clock())
        for name in order:
            study.add_transcript(build_transcript(name, talk_of(int(name[1]))))
        study.tag()
        for coder in coders:
            code_all(study, coder, skip=["P3:t002"] if coder == "ana" else ())
        learned = study.learn("ana")
        told.append([learned.missed(top=None).to_csv(), learned.doubtful(top=None).to_csv(), learned._print])
    assert told[0] == told[1]


def test_blind_segments_get_no_suggestion_until_all_have_read_them(study: Study) -> None:
    code_all(study, skip=["P3:t002"])
    study.assign(["ana", "ben"], share=1.0, seed=1)
    learned = study.learn("ana")
    assert learned.missed(top=None).empty
    assert any("double coding" in one.message for one in learned.problems())
    with pytest.raises(StudyError, match="double coding"):
        learned.answer("P3:t002", "rain", "accept")
    code_all(study, "ben")
    learned = study.learn("ana")
    assert learned.missed().iloc[0].segment == "t002"
    drawn = len(study.assignment()["ana"])
    assert f"{drawn} segments drawn for double coding are among the examples." in [
        one.message for one in learned.problems()
    ]


@pytest.mark.parametrize("name", ["learned", "model:llama"])
def test_a_sheet_in_the_name_of_a_machine_is_never_counted(study: Study, name: str) -> None:
    """A sheet that some other program made, or a folder put into the study by hand: no table is made of it."""
    code_all(study)
    sheet = study.sheet("ana", "P1")
    assert sheet is not None
    transcripts = [study.transcript("P1")]
    with pytest.raises(StudyError, match="never counted"):
        tabulate(transcripts, [sheet, replace(sheet, coder=name)], study.codebook)
    if ":" not in name:
        made = study.root / "sheets" / name
        made.mkdir()
        own = (study.root / "sheets" / "ana" / "P1.jsonl").read_text("utf-8")
        (made / "P1.jsonl").write_text(own.replace('"ana"', f'"{name}"'), "utf-8")
        with open_study(study.root) as again, pytest.raises(StudyError, match="never counted"):
            again.tabulate()


def test_limits_are_told_in_words(study: Study) -> None:
    code_all(study)
    told = " ".join(one.message for one in study.learn("ana").problems())
    assert "not enough yet to call anything likely" in told
    assert study.learn("ana").codes().word.tolist() == ["possible", "possible"]
    with pytest.raises(StudyError, match="no coder “anna”"):
        study.learn("anna")


def test_a_code_whose_record_is_poor_is_named_with_it(tmp_path: Path) -> None:
    """Rain is where the word is; heat was given to every seventh turn, whatever it says: nothing of it is likely."""
    study = begin(tmp_path / "farm", [f"P{number:02d}" for number in range(70)])
    code_all(study)
    at = 0
    for name in study.transcript_ids():
        for turn in study.transcript(name).units("turn")[1::2]:
            at += 1
            if at % 7 == 0:
                study.decide("ana", f"{name}:{turn.id}", "heat", "apply")
    learned = study.learn("ana")
    words = dict(zip(learned.codes().code, learned.codes().word, strict=True))
    assert (words["weather/rain"], words["weather/heat"]) == ("likely", "possible")
    (told,) = [one.message for one in learned.problems() if one.message.startswith("Not enough coding yet")]
    assert "weather/heat (" in told
    assert "weather/rain" not in told


def test_who_codes_otherwise_than_before_is_told(tmp_path: Path) -> None:
    study = begin(tmp_path / "farm", [f"P{number:02d}" for number in range(40)])
    names = study.transcript_ids()
    code_all(study, unread=names[20:])
    late = [f"{name}:{turn.id}" for name in names[20:] for turn in study.transcript(name).units("turn")]
    code_all(study, unread=names[:20], skip=[one for one in late if one.endswith("t002")])
    told = [one.message for one in study.learn("ana").problems()]
    assert any("“weather/rain” less often now" in one for one in told)
    assert not any("“money”" in one for one in told)


def test_chinese_and_mixed_talk(tmp_path: Path) -> None:
    book = tmp_path / "book.yaml"
    book.write_text("name: T\ncodes: [{id: time, name: 時間, definition: 冇時間}, {id: joy, name: 開心}]\n", "utf-8")
    study = create_study(tmp_path / "zh", codebook=book, clock=Clock())
    lines = ("冇時間做 meeting", "我哋好開心", "時間真係唔夠", "食咗飯未呀", "成日冇時間😀")
    for name in ("P1", "P2", "P3"):
        study.add_transcript(build_transcript(name, tuple(("阿美", line) for line in lines)))
        decisions = [Decision(f"{name}:t{n:03d}", "time", "apply") for n in (1, 3, 5) if (name, n) != ("P2", 3)]
        study.decide_all("ana", decisions, seen=[f"{name}:t{n:03d}" for n in range(1, 6)])
    learned = study.learn("ana")
    assert learned.missed().iloc[0].quote == "時間真係唔夠"
    assert learned.with_words(learned.missed(top=1)).words[0]


# --- checks ------------------------------------------------------------------------------------------------


def test_a_check_is_drawn_written_and_read(study: Study) -> None:
    code_all(study, unread=["P4", "P5", "P6"])
    drawn = study.draw_check("ana", "rain", target=90, seed=7)
    path = study.root / "checks" / "ana" / "rain.jsonl"
    head, *addresses = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert head == {"n_unread": 15, "found": 6, "target": 90, "seed": 7, "confidence": 0.95}
    assert addresses == list(drawn.upcoming)
    assert sorted(addresses) == sorted(
        f"{name}:{turn.id}"
        for name in ("P4", "P5", "P6")
        for turn in study.transcript(name).units("turn")
        if turn.speaker == "Ana"
    )
    assert (drawn.checked, drawn.upper, drawn.target) == (0, 15, 90)
    study.mark_seen("ana", addresses[1:3])  # not in the order of the draw: no step of it
    assert study.recall("ana", "rain").checked == 0
    study.mark_seen("ana", addresses[:1])
    assert study.recall("ana", "rain").checked == 3
    study.mark_seen("ana", addresses[3:])
    done = study.recall("ana", "rain")
    assert (done.checked, done.checked_found, done.upper, done.recall_low, done.price) == (15, 0, 0, 1.0, 0)


def test_what_is_found_in_a_check_counts(study: Study) -> None:
    code_all(study, unread=["P4", "P5", "P6"])
    study.draw_check("ana", "rain", seed=7)
    code_all(study)
    done = study.recall("ana", "rain")
    assert (done.found, done.checked_found, done.upper, done.recall_low) == (12, 6, 6, 1.0)
    assert list(done.record()) == [
        "code", "read", "found", "unread", "checked", "checked_found", "upper", "recall_low", "target", "price",
    ]  # fmt: skip


def test_a_second_draw_is_added_and_pays_for_it(study: Study) -> None:
    code_all(study, unread=["P5", "P6"])
    study.draw_check("ana", "rain", seed=7)
    first = (study.root / "checks/ana/rain.jsonl").read_bytes()
    code_all(study, unread=["P6"])
    again = study.draw_check("ana", "rain", seed=7)
    assert (study.root / "checks/ana/rain.jsonl").read_bytes().startswith(first)
    assert again.confidence == pytest.approx(1 - 0.05 / 6, abs=1e-6)
    assert again.n_checks == 2


def test_a_check_without_segments_or_with_a_silly_target_is_refused(study: Study) -> None:
    code_all(study)
    with pytest.raises(StudyError, match="nothing to check"):
        study.draw_check("ana", "rain", seed=1)
    with pytest.raises(StudyError, match="cannot be 100%"):
        study.recall("ana", "rain", target=100)


def test_what_comes_after_the_draw_is_told(study: Study) -> None:
    code_all(study, unread=["P6"])
    study.draw_check("ana", "rain", seed=1)
    study.add_transcript(build_transcript("P7", talk_of(3)))
    assert study.recall("ana", "rain").outside == 5
    assert "does not cover them" in str(study.recall("ana", "rain"))


def test_checks_follow_a_renamed_transcript_and_lose_a_removed_one(study: Study) -> None:
    code_all(study, unread=["P5", "P6"])
    study.draw_check("ana", "rain", seed=1)
    study.rename_transcript("P6", "Mei")
    upcoming = study.recall("ana", "rain").upcoming
    assert {one.partition(":")[0] for one in upcoming} == {"P5", "Mei"}
    study.remove_transcript("P5", why="consent withdrawn")
    left = study.recall("ana", "rain")
    assert left.upcoming == tuple(one for one in upcoming if one.startswith("Mei"))
    assert left.upper == 5


def test_checks_of_two_copies_are_united_and_merging_again_changes_nothing(study: Study, tmp_path: Path) -> None:
    code_all(study, unread=["P5", "P6"])
    study.close()
    shutil.copytree(study.root, tmp_path / "copy")
    study.draw_check("ana", "rain", seed=1)
    with open_study(tmp_path / "copy") as copy:
        copy.draw_check("ana", "rain", seed=2)
        copy.draw_check("ana", "money", seed=2)
    assert study.merge(tmp_path / "copy").files == ["checks/ana/money.jsonl", "checks/ana/rain.jsonl"]
    assert [one.seed for one in decode_checks((study.root / "checks/ana/rain.jsonl").read_bytes(), "")[0]] == [1, 2]
    assert study.merge(tmp_path / "copy").files == []


@pytest.mark.parametrize(
    "broken",
    [
     b"not json\n", b'{"n_unread":2}\n"P6:t002"\n',
     b'{"n_unread":1,"found":0,"target":95,"seed":1,"confidence":0.95}\n',
     b'{"n_unread":2,"found":0,"target":95,"seed":1,"confidence":0.95}\n"P6:t002"\n"P6:t002"\n', b"\xff\xfe\n", b"[]\n",
     b'{"n_unread":true,"found":0,"target":95,"seed":1,"confidence":0.95}\n"P6:t002"\n'],
)  # fmt: skip
def test_a_broken_check_is_told_and_not_used(study: Study, broken: bytes) -> None:
    code_all(study, unread=["P6"])
    path = study.root / "checks" / "ana" / "rain.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(broken)
    assert study.recall("ana", "rain").recall_low is None
    assert [one.rule for one in study.check()] == ["broken-check"]


def test_a_long_run_without_the_code_is_advice_and_no_proof(tmp_path: Path) -> None:
    study = begin(tmp_path / "farm", [f"P{number:02d}" for number in range(30)])
    code_all(study, unread=study.transcript_ids()[:1])
    seen = [f"{name}:{turn.id}" for name in study.transcript_ids() for turn in study.transcript(name).units("turn")]
    study.add_coder("ben")
    study.decide_all("ben", [Decision(seen[1], "heat", "apply")])
    study.mark_seen("ben", seen[2:200])
    told = str(study.recall("ben", "heat"))
    assert "no proof" in told
    assert "no proof" not in str(study.recall("ana", "rain"))
