import re

import pytest

from translations import MO_FILE, compiled, extracted, translated

PLACEHOLDER = re.compile(r"%\(\w+\)[\d.]*[a-z]")


def test_every_text_of_the_code_is_in_the_catalogue_and_no_other() -> None:
    assert {message.id for message in translated() if message.id} == {
        message.id for message in extracted() if message.id
    }


def test_every_text_is_translated() -> None:
    assert [message.id for message in translated() if message.id and (not message.string or message.fuzzy)] == []


@pytest.mark.parametrize("message", [m for m in translated() if m.id], ids=lambda message: message.id[:40])
def test_translation_has_the_placeholders_of_its_text(message: object) -> None:
    assert sorted(PLACEHOLDER.findall(message.string)) == sorted(PLACEHOLDER.findall(message.id))  # type: ignore[attr-defined]


def test_compiled_catalogue_is_up_to_date() -> None:
    assert MO_FILE.read_bytes() == compiled(translated()), "run: make messages"
