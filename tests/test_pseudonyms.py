"""Pseudonyms: candidates, the key, replacements, and a copy of a study in which they stand."""

from __future__ import annotations

import os
import socket
import stat
import string
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from studies import begin_study, build_transcript

from qualcode.cli import cli
from qualcode.errors import OutputError, StudyError, TableError
from qualcode.model import Span
from qualcode.pseudonyms import (
    Given,
    Key,
    KeyEntry,
    NameFinder,
    Replacer,
    changing_key,
    check_place,
    find_candidates,
    find_patterns,
    is_one_edit,
    read_decisions,
    read_key,
    replace_transcript,
    write_candidates,
    write_key,
)
from qualcode.pseudonyms import patterns as checks
from qualcode.study import open_study, write_pseudonymised

if TYPE_CHECKING:
    from pathlib import Path


def person(real: str, replacement: str = "[P1]", **more: object) -> KeyEntry:
    return KeyEntry(real, "person", replacement, **more)  # type: ignore[arg-type]


def find(text: str, *names: str, reach: str = "written") -> list[tuple[str, str]]:
    finder = NameFinder([person(one) for one in names], reach=reach)  # type: ignore[arg-type]
    return [(text[hit.start : hit.end], hit.rule) for hit in finder.find(text)]


# -- names in texts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("I asked Ana.", "Ana", "Ana"),
        ("ANA’S sister", "Ana", "ANA"),
        ("ana-led", "Ana", "ana"),
        ("Ａｎａ said", "Ana", "Ａｎａ"),
        ("A\u200bna said", "Ana", "A\u200bna"),
        ("Siobhan said", "Siobhán", "Siobhan"),
        ("Siobha\u0301n said", "Siobhán", "Siobha\u0301n"),
        ("Ana  Souza said", "Ana Souza", "Ana  Souza"),
        ("Ana\u00a0Souza said", "Ana Souza", "Ana\u00a0Souza"),
        ("ana_souza_final", "Ana Souza", "ana_souza"),
        ("AnaSouza", "Ana Souza", "AnaSouza"),
        ("陈大文話好", "陳大文", "陈大文"),
        ("見陳大文先生", "陈大文", "陳大文"),
        ("😀Ana😀", "Ana", "Ana"),
        ("O’Brien came", "O'Brien", "O’Brien"),
        ("Ana2024", "Ana", "Ana"),
        ("in Belgium (Flanders), too", "Belgium (Flanders)", "Belgium (Flanders)"),
        ("belgium\n(FLANDERS).txt", "Belgium (Flanders)", "belgium\n(FLANDERS)"),
        ("Souza, Ana said", "Souza, Ana", "Souza, Ana"),
        ("Ana “Nina” Souza said", "Ana “Nina” Souza", "Ana “Nina” Souza"),
        ("(Nina) Souza", "(Nina) Souza", "(Nina) Souza"),
        ("陳（明）來了", "陳（明）", "陳（明）"),
    ],
)
def test_a_name_is_found_in_every_spelling(text: str, name: str, found: str) -> None:
    assert find(text, name) == [(found, "name")]


@pytest.mark.parametrize(
    ("text", "name"),
    [("Anatomy", "Ana"), ("banana", "Ana"), ("Anna", "Ana"), ("I will", "Will"), ("Li, Bob", "Li (Bob)")],
)
def test_a_name_is_not_found_in_other_words(text: str, name: str) -> None:
    assert find(text, name) == []


def test_of_overlapping_names_the_longest_is_found_in_one_pass() -> None:
    key = Key(
        (person("Ann", "[P1]"), person("Anna", "[P2]"), person("Ann Lee", "[P3]"), person("P2 Road", "[Place 1]"))
    )
    replaced = Replacer(key).replace("Ann, Anna and Ann Lee met Ann’s aunt.")
    assert replaced == "[P1], [P2] and [P3] met [P1]’s aunt."


def test_a_kept_name_shields_the_names_in_it() -> None:
    key = Key((person("Paris"), KeyEntry("University of Paris", "school", "", keep=True)))
    assert Replacer(key).replace("Paris went to the University of Paris.") == "[P1] went to the University of Paris."


def test_names_that_are_words_are_left_at_the_beginning_of_sentences_and_reported() -> None:
    replacer = Replacer(Key((person("Will"),)))
    text = "Will you? Then Will came. Will’s car. WILL! “Will it?” Will: so\nWill said."
    assert replacer.replace(text) == "Will you? Then [P1] came. [P1]’s car. WILL! “Will it?” [P1]: so\nWill said."
    assert [text[hit.start : hit.start + 6] for hit in replacer.find_doubtful(text)] == [
        "Will y",
        "WILL! ",
        "Will i",
        "Will s",
    ]


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("So Jessika left", "Jessica", "Jessika"),
        ("So Jesica left", "Jessica", "Jesica"),
        ("So Brain left", "Brian", "Brain"),
        ("So Anna left", "Ana", "Anna"),
        ("陳曉明話", "陳小明", "陳曉明"),
    ],
)
def test_a_name_misheard_by_one_letter_is_found_by_a_check(text: str, name: str, found: str) -> None:
    assert find(text, name, reach="alike") == [(found, "misheard")]
    assert find(text, name) == []


def test_a_check_finds_parts_of_names_but_not_ordinary_words_in_them() -> None:
    assert find("Souza and Will met", "Ana Souza", "Will Baker", reach="alike") == [("Souza", "part")]


@pytest.mark.parametrize("text", ["So and any left", "An era", "jessika", "Can you? Where? Then"])
def test_words_near_a_name_are_no_names(text: str) -> None:
    assert find(text, "Ana", "Jessica", "Chan", "There", "Theo", reach="alike") == []


@given(st.text(string.ascii_lowercase, min_size=1, max_size=6), st.text(string.ascii_lowercase, min_size=1, max_size=6))
def test_one_edit_is_what_the_definition_says(one: str, other: str) -> None:
    letters = string.ascii_lowercase
    edits = {one[:at] + one[at + 1 :] for at in range(len(one))}
    edits |= {one[:at] + letter + one[at + 1 :] for at in range(len(one)) for letter in letters}
    edits |= {one[:at] + letter + one[at:] for at in range(len(one) + 1) for letter in letters}
    edits |= {one[:at] + one[at + 1] + one[at] + one[at + 2 :] for at in range(len(one) - 1)}
    assert is_one_edit(one, other) == (other in edits and one != other)


@pytest.mark.parametrize(
    ("real", "text"),
    [
        ("ana@example.org", "write ANA@Example.org."),
        ("+852 2345 6789", "ring +85223456789"),
        ("2345 6789", "ring 2345-6789 now"),
        ("12 Mill Road", "at 12  Mill Road,"),
    ],
)
def test_addresses_and_numbers_of_a_key_are_found_whatever_blanks_stand_in_them(real: str, text: str) -> None:
    assert Replacer(Key((person(real, "[X]"),))).replace(text).count("[X]") == 1


# -- where places go --------------------------------------------------------------------------------------------------

WORDS = st.lists(st.sampled_from(["Ana", "Ana Souza", "rain", "陳大文", "😀", "the"]), min_size=1, max_size=12)
KEY = Key((person("Ana", "[A long replacement]"), person("Ana Souza", "[S]"), person("陳大文", "")))


@given(WORDS, st.data())
def test_passages_move_to_their_words(words: list[str], data: st.DataObject) -> None:
    text = " ".join(words)
    key = Key((person("Ana", "[A long one]"), person("Ana Souza", "[S]"), person("陳大文", "[Z]")))
    replaced, moves = Replacer(key).replace_mapped(text)
    start = data.draw(st.integers(0, len(text) - 1))
    span = Span(start, data.draw(st.integers(start + 1, len(text))))
    moved = moves.move(span)
    assert moved.end <= len(replaced)
    hits = NameFinder(key.entries).find(text)
    wide = Span(
        min([span.start, *(hit.start for hit in hits if hit.start < span.end and span.start < hit.end)]),
        max([span.end, *(hit.end for hit in hits if hit.start < span.end and span.start < hit.end)]),
    )
    assert Replacer(key).replace(text[wide.start : wide.end]) == replaced[moved.start : moved.end]


def test_a_name_across_two_segments_is_replaced_in_both() -> None:
    transcript = build_transcript("P1", (("Interviewer", "So Ana. Souza left?"), ("Ana Souza", "Yes.")))
    new, _, problems = replace_transcript(transcript, Replacer(Key((person("Ana Souza", "[P1]"),))))
    assert new.text.splitlines()[1] == "P1: Yes."
    assert [new.quote(one.span) for one in new.units("sentence")] == ["So [P1].", "[P1] left?", "Yes."]
    assert [one.id for one in new.segments] == [one.id for one in transcript.segments]
    assert problems == []


def test_two_labels_that_become_one_are_reported_without_the_names() -> None:
    transcript = build_transcript("P1", (("Ana", "Yes."), ("Anna", "No.")))
    _, _, problems = replace_transcript(transcript, Replacer(Key((person("Ana"), person("Anna")))))
    assert [(one.rule, one.level) for one in problems] == [("labels", "warning")]
    assert "Ana" not in str(problems[0]) + str(problems[0].hint)


# -- patterns ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("mail j.doe@example.ac.uk.", "email"),
        ("jdoe at gmail dot com", "spoken email"),
        ("see https://x.example/a?b", "url"),
        ("on rainyday.org.", "site"),
        ("follow @rain_maker", "handle"),
        ("+44 7700 900123", "phone abroad"),
        ("打９１２３ ４５６７", "phone"),
        ("852-2345-6789", "phone"),
        ("(852) 2345 6789", "phone"),
        ("1-800-555-0199", "phone"),
        ("020 7946 0958", "phone"),
        ("2345\u20116789", "phone"),  # a hyphen that keeps both on one line
        ("440524188001010014", "prc id"),
        ("九一二三四五六七", "phone in chinese"),
        ("oh seven seven double two four nine one", "phone in words"),
        ("A123456(3)", "hkid"),
        ("A123456(4)", "hkid, wrong check digit"),
        ("11010519491231002X", "prc id"),
        ("A123456789", "taiwan id"),
        ("4111 1111 1111 1111", "card"),
        ("GB82 WEST 1234 5698 7654 32", "iban"),
        ("0000-0002-1825-0097", "orcid"),
        ("I was born on 3 May 1980", "birth date"),
        ("1985年3月2日出生", "birth date"),
        ("at 12 North Mill Road", "street"),
        ("S10 2TN", "postcode"),
        ("住彌敦道100號", "chinese address"),
    ],
)
def test_patterns(text: str, rule: str) -> None:
    assert [hit.rule for hit in find_patterns(text)] == [rule]


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-05 and 20240305", "12:34:56.789", "from 1999 to 2004", "1,234,567 words", "0.12345678", "P07:t004",
        "a score of 4 at one dot", "page 12345678901234567890", "sha 9f86d081884c7d659a2f", "e.g. so, i.e. that",
        "我一九九七年", "three four five of them", "@ home", "00:01:02,345 --> 00:01:05,678", "1234-1234",
        "a piece of 0000-0002-378",
    ],
)  # fmt: skip
def test_numbers_and_dates_are_no_patterns(text: str) -> None:
    assert find_patterns(text) == []


def test_words_and_addresses_of_formats_are_no_patterns() -> None:
    text = '{"@context": "https://w3id.org/ro/crate/1.1/context", "@type": "x", "license": "https://creativecommons.org/licenses/by/4.0/"}'
    assert find_patterns(text) == []
    assert [hit.rule for hit in find_patterns("@types and https://w3.example.org/people")] == ["handle", "url"]


@given(st.integers(0, 10**6 - 1), st.sampled_from("ABCDEFGHKMPRVYZ"))
def test_exactly_one_check_digit_of_a_card_of_hong_kong_is_right(number: int, letter: str) -> None:
    right = [one for one in "0123456789A" if checks.has_hkid_digit(f"{letter}{number:06}({one})")]
    assert len(right) == 1


# -- candidates -------------------------------------------------------------------------------------------------------


def names_in(*sentences: str, known: dict[str, str] | None = None, key: Key | None = None) -> dict[str, str]:
    given_ = [Given(f"P1:s{number:04}", one) for number, one in enumerate(sentences, start=1)]
    return {one.real: one.replacement for one in find_candidates(given_, known=known, key=key)}


def test_capitals_inside_sentences_are_candidates_and_ordinary_words_are_not() -> None:
    found = names_in(
        "Then I met Okafor in Leeds on Monday.",
        "Okay, the Harvest was fine, and a harvest is a harvest.",
        "Basically it was the University of York.",
    )
    assert set(found) == {"Okafor", "Leeds", "University of York"}


def test_names_of_one_person_are_proposed_one_replacement() -> None:
    found = names_in("I told Jess, and Miller, and Jesica, and J. M. too.", known={"Jessica Miller": "a case"})
    assert found == dict.fromkeys(["Jessica Miller", "Miller", "Jess", "Jesica", "J. M."], "[Person 1]")


def test_chinese_titles_places_and_schools() -> None:
    found = names_in("我問陳老師，佢喺聖保羅書院教書。", "學生同先生都知道。", "黃大仙區有間小學。")
    assert "陳老師" in found
    assert "聖保羅書院" in found
    assert not {"學生", "知道", "間小學"} & set(found)


def test_roles_and_numbers_are_no_known_names() -> None:
    assert (
        names_in("So.", known=dict.fromkeys(["Interviewer", "P7", "Speaker 2", "訪問員", "Particpant", "S1"], "")) == {}
    )


def test_what_the_key_holds_is_no_candidate_and_its_numbers_are_not_given_again() -> None:
    key = Key((person("Okafor", "[Person 1]"),))
    assert names_in("I met Dr Okafor and Dr Halvorsen.", key=key) == {"Halvorsen": "[Person 2]"}


def test_words_made_unreadable_are_no_names() -> None:
    assert names_in("Then I asked XXXX XXX about it.") == {}


def test_an_empty_text_has_no_candidates() -> None:
    assert find_candidates([]) == []


# -- the key ----------------------------------------------------------------------------------------------------------


def test_a_key_is_written_for_its_owner_alone_and_read_again(tmp_path: Path) -> None:
    key = Key((person("=Ana", "[P1]"), KeyEntry("Leeds", "place", "", keep=True)))
    path = write_key(tmp_path / "keys" / "key.csv", key)
    assert read_key(path) == key
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("inside", ["study", "git", "link"])
def test_a_key_is_refused_in_a_study_and_in_a_git_tree(tmp_path: Path, inside: str) -> None:
    begin_study(tmp_path / "study").close()
    (tmp_path / "git" / ".git").mkdir(parents=True)
    if inside == "link":
        if os.name == "nt":
            pytest.skip("links need a privilege there")
        (tmp_path / "link").symlink_to(tmp_path / "study")
    with pytest.raises(OutputError, match="Real names would lie in"):
        write_key(tmp_path / inside / "sub" / "key.csv" if inside != "link" else tmp_path / "link" / "key.csv", Key())


def test_a_key_in_what_is_given_away_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="given away"):
        check_place(tmp_path / "out" / "key.csv", apart_from=tmp_path / "out")


def test_all_mistakes_of_a_key_are_listed_without_its_names() -> None:
    rows = "real,kind,replacement,keep\nAna,person,,\nBea,person,[Ana],\nCy,person,[P3],perhaps\nCy,person,[P4],no\n"
    with pytest.raises(TableError) as caught:
        read_key(rows.encode(), name="key.csv")
    assert [(one.where, one.rule) for one in caught.value.problems] == [
        ("key.csv:4", "keep"), ("key.csv:5", "twice"), ("key.csv:2", "undecided"), ("key.csv:3", "chain"),
    ]  # fmt: skip
    assert not {"Ana", "Bea", "Cy"} & set(str(caught.value).replace(",", " ").replace("“", " ").split())


def test_a_key_without_its_columns_says_which(tmp_path: Path) -> None:
    path = tmp_path / "key.csv"
    path.write_text("reel,kind,replacement\nAna,person,[P1]\n")
    with pytest.raises(TableError, match="no column “real”"):
        read_key(path)


def test_no_name_is_in_what_python_shows_of_a_key() -> None:
    key = Key((person("Ana Souza"),))
    assert "Ana" not in repr(key) + repr(key.entries)


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_a_table_of_candidates_is_read_as_decisions(tmp_path: Path, ending: str) -> None:
    candidates = find_candidates([Given("P1:s0001", "I met Dr Okafor at Leeds.")])
    path = write_candidates(tmp_path / f"names{ending}", candidates)
    rows, problems = read_decisions(path)
    assert [(entry.real, entry.replacement, is_decided) for _, entry, is_decided in rows] == [
        ("Okafor", "[Person 1]", False), ("Leeds", "[Name 1]", False),
    ]  # fmt: skip
    assert problems == []


def test_a_table_that_decides_twice_and_not_alike_is_refused(tmp_path: Path) -> None:
    table, key = tmp_path / "names.csv", tmp_path / "keys" / "key.csv"
    table.write_text("real,kind,replacement,keep\nAna,person,[A],no\nAna,person,[B],no\n", "utf-8")
    done = CliRunner().invoke(cli, ["pseudonyms", "decide", str(table), "--key", str(key)])
    assert done.exit_code == 1
    assert "names.csv:3: error: The name is in names.csv:2 too, with another decision." in done.stderr
    assert not key.exists()
    table.write_text("real,kind,replacement,keep\nAna,person,[A],no\nAna,person,[A],no\nLi,person,[L],yes\n", "utf-8")
    assert CliRunner().invoke(cli, ["pseudonyms", "decide", str(table), "--key", str(key)]).exit_code == 0
    assert [one.real for one in read_key(key).entries] == ["Ana", "Li"]


# -- a study ----------------------------------------------------------------------------------------------------------

TALK = (
    ("Interviewer", "What was hard, Ana?"),
    ("Ana", "The dates clashed. I told Ben. Ben could never find a date with Anna."),
    ("Interviewer", "And people?"),
    ("Ana", "People leave. Ben’s lovely, though. 陳大文都好忙😀。"),
)
STUDY_KEY = Key(
    (
        person("Ana", "[Person 1]"),
        person("Anna", "[A]"),
        person("Ben", "[A person of a long name]"),
        person("陈大文", "[人物4]"),
    )
)


def make_study(tmp_path: Path):
    study = begin_study(tmp_path / "study", "P07")
    text = build_transcript("Ana", TALK)
    study.add_transcript(text, text.text.encode())
    (study.root / "cases.csv").write_text("case,transcript,school\nAna,Ana,Ben College\n", "utf-8")
    study.tag()
    at = text.text.index("Ben could")
    for span, code in ((Span(at, at + 3), "praise"), (Span(at + 1, at + 9), "turnover"), (Span(0, 20), "scheduling")):
        study.decide(
            "bea", f"Ana:{study.address_of('Ana', span).partition(':')[2]}", code, "apply", span=span, note="of Ben"
        )
    study.decide("bea", "Ana:t002", "scheduling", "accept")
    study.memo("code:praise", "Ben again, and ANA.", author="bea")
    study.memo(f"Ana:{at}-{at + 3}", "Who is Ben?", author="bea")
    study.memo("case:Ana", "Ana’s case.", author="bea")
    return study


def test_every_coding_stands_on_its_words_in_the_copy(tmp_path: Path) -> None:
    study = make_study(tmp_path)
    before = {(coder, name): study.sheet(coder, name) for coder, name in study.sheet_ids()}
    files = {path: path.read_bytes() for path in study.root.rglob("*") if path.is_file()}
    report = write_pseudonymised(study, STUDY_KEY, tmp_path / "copy")
    copy = open_study(tmp_path / "copy")
    replacer = Replacer(STUDY_KEY)
    assert copy.transcript_ids() == ("P07", "Person 1")
    for (coder, name), sheet in before.items():
        after = copy.sheet(coder, replacer.replace(name, "bare"))
        assert after.seen == sheet.seen
        text = copy.transcript(after.transcript)
        assert after.text_digest == text.digest
        told = [[(one.code, one.verdict, one.at, one.origin) for one in part.codings] for part in (after, sheet)]
        assert sorted(told[0]) == sorted(told[1])
        assert all(one.quote == text.quote(one.span) for one in after.codings)
    quotes = {one.code: one.quote for one in copy.sheet("bea", "Person 1").codings}
    assert quotes["praise"] == "[A person of a long name]"
    assert quotes["turnover"] == "[A person of a long name] could"
    assert report.n_codings == sum(len(one.codings) for one in before.values())
    assert copy.check() == []
    assert {path: path.read_bytes() for path in files} == files


def test_counts_of_the_copy_are_those_of_the_study(tmp_path: Path) -> None:
    from qualcode.themes import count_themes

    study = make_study(tmp_path)
    write_pseudonymised(study, STUDY_KEY, tmp_path / "copy")
    copy = open_study(tmp_path / "copy")
    for coders in (["bea"], ["rules"]):
        frames = [count_themes(one.tabulate(coders=coders)).frame.drop(columns="words") for one in (study, copy)]
        assert frames[0].equals(frames[1])


def test_no_name_is_left_in_any_file_of_the_copy(tmp_path: Path) -> None:
    study = make_study(tmp_path)
    write_pseudonymised(study, STUDY_KEY, tmp_path / "copy")
    for path in (tmp_path / "copy").rglob("*"):
        words = str(path.relative_to(tmp_path)) + (path.read_text("utf-8") if path.is_file() else "")
        found = NameFinder(STUDY_KEY.entries).find(words)
        assert [words[hit.start : hit.end] for hit in found] == [], path
    assert not (tmp_path / "copy" / "raw").exists()


def test_memos_cases_and_notes_move_with_the_names(tmp_path: Path) -> None:
    study = make_study(tmp_path)
    write_pseudonymised(study, STUDY_KEY, tmp_path / "copy")
    copy = open_study(tmp_path / "copy")
    memos = {one.about: one.text.strip() for one in copy.memos()[0]}
    place = copy.transcript("Person 1").text.index("[A person of a long name] could")
    assert memos == {
        "code:praise": "[A person of a long name] again, and [Person 1].",
        f"Person 1:{place}-{place + 25}": "Who is [A person of a long name]?",
        "case:Person 1": "[Person 1]’s case.",
    }
    assert [(one.id, one.attributes) for one in copy.cases] == [
        ("Person 1", {"school": "[A person of a long name] College"})
    ]
    assert {one.note for one in copy.sheet("bea", "Person 1").codings} == {"of [A person of a long name]", ""}


def test_the_copy_goes_on_as_a_study(tmp_path: Path) -> None:
    study = make_study(tmp_path)
    write_pseudonymised(study, STUDY_KEY, tmp_path / "copy")
    copy = open_study(tmp_path / "copy")
    assert all(counts[:2] == (0, 0) for counts in copy.tag().counts.values())
    copy.decide("bea", "Person 1:t004", "praise", "apply")
    copy.undo("bea")
    with pytest.raises(StudyError):  # what was copied is no act of hers
        copy.undo("bea")


def test_a_codebook_with_names_is_reworded(tmp_path: Path) -> None:
    from qualcode.codebook import reword_codebook

    text = (
        "# For Ana\ncodes:\n  - id: ana-time   # Ana\n    name: Ana’s time\n"
        "    definition: >\n      What Ana\n      says.\n"
        "    examples: {hit: [Ana waits], miss: ['no Ana']}\n"
        "    rules: [Ana, {regex: 'Ana \\w+'}]\n  - name: With Ana\n"
    )
    replacer = Replacer(Key((person("Ana", "[P 1]"),)))
    new, ids, n_rules = reword_codebook(
        text, lambda words, part: replacer.replace(words, "bracketed" if part == "words" else "bare")
    )
    assert "Ana" not in new
    assert ids == {"ana-time": "p-1-time", "with-ana": "with-p-1"}
    assert n_rules == 2
    assert "# For [P 1]" in new
    assert '"no [P 1]"' in new


@pytest.mark.parametrize("case", ["full", "inside", "twins", "unsettled"])
def test_a_copy_that_would_lose_something_is_refused_and_nothing_is_left(tmp_path: Path, case: str) -> None:
    study = make_study(tmp_path)
    out = study.root / "copy" if case == "inside" else tmp_path / "copy"
    key = STUDY_KEY
    if case == "full":
        out.mkdir()
        (out / "x").write_text("")
    if case == "twins":
        key = Key((person("Ana", "[P07]"),))
    if case == "unsettled":
        words = "The rain came and went, and all of it was another talk. "
        study.correct(build_transcript("Ana", (("Ana", (words * 3).strip()),)))
        assert study.unsettled()
    with pytest.raises(StudyError):
        write_pseudonymised(study, key, out)
    assert not (out / "study.yaml").exists()


# -- the command line -------------------------------------------------------------------------------------------------


def run(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(cli, [str(word) for word in words], env={"QUALCODE_KEY": ""})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_from_candidates_to_a_copy_without_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    make_study(tmp_path).close()
    study, table, key = tmp_path / "study", tmp_path / "keys" / "names.csv", tmp_path / "keys" / "key.csv"
    assert run("pseudonyms", "find", "--study", study, "--out", table)[0] == 0
    lines = table.read_text("utf-8-sig").splitlines()
    names = {"Ana", "Anna", "Ben", "Ben College"}
    decided = [line.replace("],,", "],no,", 1) if line.split(",")[0] in names else line for line in lines]
    table.write_text("\n".join(decided), "utf-8")
    code, output = run("pseudonyms", "decide", table, "--key", key)
    assert (code, output.partition(" ")[0]) == (0, "4")
    code, output = run("pseudonyms", "apply", "--study", study, "--key", key, "--out", tmp_path / "copy")
    assert code == 0, output
    assert run("check-leaks", tmp_path / "copy", "--key", key)[0] == 0
    assert run("check", "--study", tmp_path / "copy")[0] == 0
    code, output = run("pseudonyms", "key", "--key", key)
    assert code == 0
    assert "Ana" not in output


def test_decisions_one_by_one_are_saved_at_once(tmp_path: Path) -> None:
    make_study(tmp_path).close()
    key = tmp_path / "key.csv"
    command = ["pseudonyms", "decide", "--study", str(tmp_path / "study"), "--key", str(key)]
    result = CliRunner().invoke(cli, command, input="\nk\ns\n[Friend]\nq\n", env={"QUALCODE_KEY": ""})
    assert result.exit_code == 0, result.output
    entries = read_key(key).entries
    assert [(one.replacement, one.keep) for one in entries] == [("[Person 1]", False), ("", True), ("[Friend]", False)]


def test_transcripts_without_a_study(tmp_path: Path) -> None:
    (tmp_path / "Ana.txt").write_text("Interviewer: So, Ana?\n\nAna: It rained.\n", "utf-8")
    key = write_key(tmp_path / "keys" / "key.csv", Key((person("Ana", "[P1]"),)))
    assert "Ana" in run("pseudonyms", "find", tmp_path / "Ana.txt")[1]
    code, output = run("pseudonyms", "apply", tmp_path / "Ana.txt", "--key", key, "--out", tmp_path / "out")
    assert code == 0, output
    assert (tmp_path / "out" / "P1.txt").read_text("utf-8") == "Interviewer: So, [P1]?\n\nP1: It rained.\n"


def test_the_key_is_never_among_what_is_written(tmp_path: Path) -> None:
    study = make_study(tmp_path)
    key = write_key(tmp_path / "keys" / "key.csv", STUDY_KEY)
    write_pseudonymised(study, read_key(key), tmp_path / "copy")
    log = (tmp_path / "copy" / "history.jsonl").read_text("utf-8")
    assert '"what":"pseudonymise"' in log
    assert '"counts":{"person":10}' in log


def test_a_report_looks_for_names_when_a_key_is_known_and_says_when_none_is(tmp_path: Path) -> None:
    make_study(tmp_path).close()
    key = write_key(tmp_path / "keys" / "key.csv", STUDY_KEY)
    study = tmp_path / "study"
    _, output = run("export", "--study", study, "--out", tmp_path / "a.csv")
    assert "no key is known" in output
    code, output = run("export", "--study", study, "--out", tmp_path / "b.csv", "--key", key)
    assert code == 3
    assert "person (name)" in output
    assert "Ben" not in output.replace(str(tmp_path), "")
    code, output = run("report", "--study", study, "--coders", "bea", "--out", tmp_path / "r", "--key", key)
    assert code == 3
    assert "report.docx" in output
    assert run("export", "--study", study, "--out", tmp_path / "c.csv", "--key", study / "key.csv")[0] == 1
    assert not (tmp_path / "c.csv").exists()


def test_published_phones_and_check_digits() -> None:
    """The example of phonenumbers' README (Apache-2.0); specimens of the cards, and Luhn's number in Wikipedia."""
    text = "Call me at 510-748-8230 if it's before 9:30, or on 703-4800500 after 10am."
    assert [(one.start, one.end) for one in checks.find_patterns(text)] == [(11, 23), (51, 62)]
    assert [checks.has_hkid_digit(one) for one in ("G123456(A)", "A123456(3)", "A123456(4)")] == [True, True, False]
    prc = ("11010519491231002X", "440524188001010014", "440524188001010015")
    assert [checks.has_prc_digit(one) for one in prc] == [True, True, False]
    assert [checks.has_taiwan_digit(one) for one in ("A123456789", "A123456788")] == [True, False]
    assert [checks.has_luhn_digit(one) for one in ("79927398713", "79927398710")] == [True, False]


def test_two_programs_that_write_a_key_lose_no_name(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "key.csv"
    code = """
        import sys
        from qualcode.pseudonyms import KeyEntry, changing_key, write_key
        for number in range(15):
            name = f"{sys.argv[2]}{number}"
            with changing_key(sys.argv[1]) as key:
                write_key(sys.argv[1], key.add([KeyEntry(name, "person", f"[Person {name}]")]))
    """
    programs = [
        subprocess.Popen([sys.executable, "-c", textwrap.dedent(code), str(path), one]) for one in ("Ana", "Ben", "Cy")
    ]
    assert [one.wait(60) for one in programs] == [0, 0, 0]
    expected = {f"{name}{number}" for name in ("Ana", "Ben", "Cy") for number in range(15)}
    assert {one.real for one in read_key(path).entries} == expected
    if os.name != "nt":
        assert [one.name for one in path.parent.iterdir()] == ["key.csv"]


def test_a_key_that_another_program_does_not_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qualcode.pseudonyms.key._PATIENCE", 0.05)
    path = tmp_path / "key.csv"
    with changing_key(path), pytest.raises(OutputError, match="Another program is changing the key"):  # noqa: SIM117
        with changing_key(path):
            pass
    with changing_key(path) as key:
        write_key(path, key.add([person("Ana", "[P1]")]))
    assert len(read_key(path).entries) == 1


def test_heads_of_a_key_as_people_write_them() -> None:
    key = read_key("Real,KIND,ｒｅｐｌａｃｅｍｅｎｔ ,keep\nAna,person,[P1],\n".encode())
    assert [one.real for one in key.replaced] == ["Ana"]


@pytest.mark.parametrize(
    "table",
    [
        "transcript,label,person,role,\nAna,Ana,,participant,Ben told it\n",  # a column without a head
        "transcript,label,person,role\nAna,Ana,,participant,Ben told it\n",  # a cell beyond the header
        "transcript,label,role,note,note\nAna,Ana,participant,none,Ben told it\n",  # heads that are alike
        "transcript,label,role,my_note,my note\nAna,Ana,participant,none,Ben told it\n",
    ],
)
def test_no_name_is_left_in_any_cell_of_a_table(tmp_path: Path, table: str) -> None:
    study = make_study(tmp_path)
    (study.root / "speakers.csv").write_text(table, "utf-8")
    write_pseudonymised(open_study(study.root), STUDY_KEY, tmp_path / "copy")
    copied = (tmp_path / "copy" / "speakers.csv").read_text("utf-8")
    assert copied.splitlines()[0] == table.splitlines()[0]
    assert "Ben" not in copied
    assert "A person of a long name" in copied
