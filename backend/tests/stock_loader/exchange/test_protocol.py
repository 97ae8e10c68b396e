import base64

import pytest

from stock_loader.exchange import protocol
from stock_loader.exchange.protocol import credentials, failure, initialized, key_of, progress, signed_in


def basic(text: bytes) -> str:
    return "Basic " + base64.b64encode(text).decode()


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (basic(b"trade:secret"), ("trade", "secret")),
        (basic(b"trade:with:colons:"), ("trade", "with:colons:")),
        (basic("обмен:пароль".encode()), ("обмен", "пароль")),
        (basic(b"trade:"), ("trade", "")),
        ("  basic   " + base64.b64encode(b"a:b").decode() + "  ", ("a", "b")),
        (basic(b"nothing to split"), None),
        (basic("обмен:пароль".encode("cp1251")), None),
        ("Basic !!!", None),
        ("Bearer dHJhZGU6c2VjcmV0", None),
        ("Basic", None),
        ("", None),
    ],
)
def test_credentials_are_split_once_and_read_as_utf_8(header: str, found: tuple[str, str] | None) -> None:
    assert credentials(header) == found


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("rests.xml", "rests.xml"),
        ("RESTS.XML", "rests.xml"),
        (r"\Reports\Exchange_(node).zip", "reports/exchange_(node).zip"),
        (r"C:\v8_1.xml", "c:/v8_1.xml"),
        ("%2Ftmp%2Fv8_1.xml", "tmp/v8_1.xml"),
        ("../../etc/passwd", "../../etc/passwd"),
        ("остатки.xml", "остатки.xml"),
        ("%D0%BE.xml", "о.xml"),
        ("a\0b.xml", "a\\x00b.xml"),
        ("a\nb.xml", "a b.xml"),
        ("", ""),
        (" / ", ""),
    ],
)
def test_name_is_a_key_without_slashes_of_windows_capitals_and_control_characters(name: str, key: str) -> None:
    assert key_of(name) == key


def test_init_has_two_lines_and_four_only_for_a_client_that_names_its_version() -> None:
    assert initialized(takes_zip=False, file_limit=5, session_id=7, version="").text == "zip=no\nfile_limit=5"
    four = initialized(takes_zip=True, file_limit=5, session_id=7, version="3.1").text
    assert four == "zip=yes\nfile_limit=5\nsessid=7\nversion=3.1"


def test_sign_in_answers_five_lines_that_part_with_lf_alone() -> None:
    text = signed_in("KEY", session_id=3, timestamp=12).text
    assert text == f"success\n{protocol.COOKIE_NAME}\nKEY\nsessid=3\ntimestamp=12"


def test_answers_have_one_line_for_the_user_whatever_it_holds() -> None:
    assert failure("a\r\nb\0").text == "failure\na  b\\x00"
    assert progress("x" * 5000).text == "progress\n" + "x" * (protocol.MAX_TEXT_LENGTH - 1) + "…"
    assert failure("x", status=401).first_line == "failure"


def test_version_with_line_breaks_adds_no_lines() -> None:
    assert initialized(takes_zip=True, file_limit=5, session_id=7, version="3\nzip=no").text.count("\n") == 3
