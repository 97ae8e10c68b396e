import csv
import json
import os
import resource
import stat
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from stock_loader.errors import LoadRefusedError, StockLoadError
from stock_loader.reports.tables import ReportFile

COLUMNS = ("line", "id")


def write(path: Path, *rows: tuple[int, str | None]) -> None:
    with ReportFile(str(path), COLUMNS) as report:
        report.write(rows)
        report.publish()


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file can grow beyond `size` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


UUID = uuid.UUID("0a1b2c3d-0000-4000-8000-000000000001")


def test_decimals_and_uuids_are_texts_as_people_write_them(tmp_path: Path) -> None:
    row = (UUID, Decimal("2.750"), Decimal("0.00000000"), None)
    for suffix in (".csv", ".jsonl"):
        with ReportFile(str(tmp_path / f"table{suffix}"), ("key", "old", "new", "none")) as file:
            file.write([row])
            file.publish()
    assert (tmp_path / "table.csv").read_text("utf-8-sig").splitlines()[1] == f"{UUID},2.750,0.00000000,"
    assert json.loads((tmp_path / "table.jsonl").read_text("utf-8")) == {
        "key": str(UUID),
        "old": "2.750",
        "new": "0.00000000",
        "none": None,
    }


def test_csv_has_a_mark_of_its_encoding_a_header_and_quotes(tmp_path: Path) -> None:
    path = tmp_path / "report.CSV"
    write(path, (1, 'я,"'), (2, None))

    assert path.read_bytes() == '\ufeffline,id\r\n1,"я,"""\r\n2,\r\n'.encode()


def test_json_lines_have_an_object_a_row(tmp_path: Path) -> None:
    path = tmp_path / "report.jsonl"
    write(path, (1, 'я"\\'), (2, None))

    assert path.read_text("utf-8") == '{"line": 1, "id": "я\\"\\\\"}\n{"line": 2, "id": null}\n'


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-a", "@SUM(A1)", "=cmd|'/c'!A1"])
def test_formula_is_a_text_in_csv_and_itself_in_json(text: str, tmp_path: Path) -> None:
    write(tmp_path / "report.csv", (1, text))
    write(tmp_path / "report.jsonl", (1, text))

    with (tmp_path / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file))[1] == ["1", f"'{text}"]
    assert json.loads((tmp_path / "report.jsonl").read_text("utf-8"))["id"] == text


@pytest.mark.parametrize("text", ["-1", "-1.50", "+7 999", "a=b", "1-2", ""])
def test_number_and_usual_text_are_themselves(text: str, tmp_path: Path) -> None:
    write(tmp_path / "report.csv", (1, text))

    with (tmp_path / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file))[1] == ["1", text]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_texts_cannot_act_on_a_terminal_or_begin_a_row(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"report{suffix}"
    write(path, (1, "\x1b[31m\x9b\u202e\x00\ud800a\r\nb"))

    lines = path.read_text("utf-8-sig").splitlines()
    assert lines[-1].isprintable()
    assert len(lines) == (2 if suffix == ".csv" else 1)


def test_table_is_private_and_unseen_until_it_is_published(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text("old")
    with ReportFile(str(path), COLUMNS) as report:
        report.write([(1, "a")])
        (temporary,) = set(tmp_path.iterdir()) - {path}
        assert stat.S_IMODE(temporary.stat().st_mode) == 0o600
        assert path.read_text() == "old"
        report.publish()

    assert list(tmp_path.iterdir()) == [path]
    assert "1,a" in path.read_text()


def test_published_table_has_the_mode_of_new_files(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write(tmp_path / "report.csv")
    finally:
        assert os.umask(before) == 0o027

    assert stat.S_IMODE((tmp_path / "report.csv").stat().st_mode) == 0o640


def test_table_that_is_not_published_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(SystemExit), ReportFile(str(tmp_path / "report.csv"), COLUMNS) as report:  # noqa: PT012
        report.write([(1, "a")])
        raise SystemExit

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_writing_again_begins_anew(suffix: str, tmp_path: Path) -> None:
    again, once = tmp_path / f"again{suffix}", tmp_path / f"once{suffix}"
    with ReportFile(str(again), COLUMNS) as report:
        report.write([(number, "x" * 100) for number in range(1000)])
        report.write([(1, "a")])
        report.publish()
    write(once, (1, "a"))

    assert again.read_bytes() == once.read_bytes()


def test_link_is_followed(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere.csv"
    target.write_text("old")
    (tmp_path / "report.csv").symlink_to(target)
    write(tmp_path / "report.csv", (1, "a"))

    assert (tmp_path / "report.csv").is_symlink()
    assert "1,a" in target.read_text()


@pytest.mark.parametrize("name", ["report", "report.txt", "report.csv.gz", "csv", ".csv"])
def test_name_without_a_kind_is_refused(name: str, tmp_path: Path) -> None:
    path = str(tmp_path / name)
    with pytest.raises(LoadRefusedError) as refused:
        ReportFile(path, COLUMNS)

    assert str(refused.value) == f"{path} must end with one of: .csv, .jsonl."


def test_missing_folder_is_named(tmp_path: Path) -> None:
    path = str(tmp_path / "missing" / "report.csv")
    with pytest.raises(StockLoadError) as failed:
        ReportFile(path, COLUMNS)

    assert str(failed.value) == f"{path}: cannot be written: No such file or directory."


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    os.mkfifo(path)
    with pytest.raises(StockLoadError, match=r"report.csv: cannot be written: not a regular file\.$"):
        ReportFile(str(path), COLUMNS)

    assert stat.S_ISFIFO(path.stat().st_mode)


def test_full_disk_is_told_before_the_table_is_published(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text("old")
    rows = ((number, "x" * 100) for number in range(1000))
    with (
        room_for(50_000),
        pytest.raises(StockLoadError, match=r"report.csv: cannot be written: File too large\.$"),
        ReportFile(str(path), COLUMNS) as report,
    ):
        report.write(rows)

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
