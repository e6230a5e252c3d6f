"""The inputs carry every field of an issue and its stories: none can be forgotten."""

import json
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from emag.bundle.difference import first_difference
from emag.bundle.inputs import Inputs
from emag.bundle.sealed_settings import SealedPublication, SealedSettings
from emag.content.story import Picture, Story
from emag.content.vacancies.vacancy import Vacancy
from emag.issues.issue import Issue, Pick, Section
from emag.issues.promo import Promo
from emag.issues.words import Field
from emag.press.settings import PressPublication

ISSUES = TypeAdapter(Issue)
PICKS = st.builds(Pick, words=st.dictionaries(st.sampled_from(Field), st.text()))
SECTIONS = st.builds(Section, picks=st.lists(PICKS, max_size=3).map(tuple))
ANY_ISSUE = st.builds(Issue, sections=st.lists(SECTIONS, max_size=3).map(tuple))


def keys_of(shape: type) -> set[str]:
    return {field.name for field in fields(shape)}


@pytest.fixture
def written(bundle) -> dict:
    return json.loads((bundle / "inputs.json").read_text("utf-8"))


def test_every_field_of_an_issue_is_carried(written):
    issue = written["issue"]
    picks = [pick for section in issue["sections"] for pick in section["picks"]]
    assert set(issue) == keys_of(Issue)
    assert set(issue["sections"][0]) == keys_of(Section)
    assert set(picks[0]) == keys_of(Pick)
    [rewritten] = [pick for pick in picks if pick["words"]]
    assert set(rewritten["story"]) == set(rewritten["source"]) == keys_of(Story)
    assert set(rewritten["story"]["picture"]) == keys_of(Picture)
    jobs = [pick["story"]["vacancy"] for pick in picks if pick["story"]["vacancy"]]
    assert set(jobs[0]) == keys_of(Vacancy)
    assert set(issue["promos"][0]) == keys_of(Promo)


def test_the_settings_are_those_that_printing_reads(written):
    assert set(written["settings"]) == keys_of(SealedSettings)
    readable = {name for name in vars(PressPublication) if not name.startswith("_")}
    assert keys_of(SealedPublication) - {"timezone"} == readable - {"zone"}
    assert written["settings"]["theme"]["accent"] == "#7a1f3d"


def test_inputs_are_the_same_after_writing_and_reading(bundle):
    content = (bundle / "inputs.json").read_bytes()
    inputs = Inputs.from_json(content)
    assert inputs.to_json() == content
    stripped = replace(inputs, issue=replace(inputs.issue, sections=(), promos=()))
    assert Inputs.from_json(stripped.to_json()) == stripped


@given(ANY_ISSUE)
def test_any_issue_comes_back_as_it_was(issue):
    assert ISSUES.validate_json(ISSUES.dump_json(issue)) == issue


def test_the_first_difference():
    assert first_difference(b"a\nb", b"a\nb") == ""
    assert first_difference(b"a\nbc", b"a\nbd").startswith("line 2, column 2: “c” in place of “d”")
    assert first_difference(b"a", b"a\nb") == "line 2, column 1: “” in place of “b”"
    assert first_difference(b"\xff", b"") == "line 1, column 1: “\\xff” in place of “”"
