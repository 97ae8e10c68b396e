import subprocess
import sys
from pathlib import Path

import pytest

from fixtures_generator import Catalogue, Document, Encoding, Kind, Layout
from fixtures_generator.command import main
from fixtures_generator.options import build_parser, read_options
from fixtures_generator.tests.catalogues import PROJECT, written

PROGRAM = "python -m fixtures_generator"
EVERY_OPTION = """
--offers 500 --warehouses 4 --seed 5 --segment 2/3 --composite-share 0.1 --sku-share 0.2
--zero-share 0.01 --fractional-share 0.02 --negative-share 0.03 --deleted-share 0.04
--unknown-share 0.05 --invalid-share 0.06 --no-stock-share 0.07 --duplicate-share 0.08
--changed-share 0.09 --changed-seed 6
--layout L6 --schema-version 2.08 --namespace urn:x --encoding windows-1251
--no-bom --crlf --compact --date 2020-02-03T04:05:06
"""


def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    call = [sys.executable, "-m", "fixtures_generator", *arguments]
    return subprocess.run(call, cwd=PROJECT, capture_output=True, check=False, timeout=60)


def read(*arguments: str) -> tuple[Catalogue, Document]:
    parser = build_parser()
    return read_options(parser, parser.parse_args(["--output", "x", *arguments]))


def test_file_is_written_and_told_about(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "rests.xml"
    assert main(["--offers", "1500", "--warehouses", "2", "--seed", "7", "--output", str(path)]) == 0
    assert path.read_bytes() == written(Catalogue(offers=1500, warehouses=2, seed=7))
    output, errors = capsys.readouterr()
    assert output == ""
    size = f"{path.stat().st_size:,}"
    assert errors.startswith(f"{path}: 1,500 offers, {size} bytes, ")
    assert errors.endswith(" s\n")
    assert errors.count("\n") == 1


def test_quiet_command_says_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--offers", "3", "--output", str(tmp_path / "a.xml"), "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


def test_dash_writes_to_standard_output() -> None:
    result = run("--offers", "20", "--output", "-")
    assert result.returncode == 0
    assert result.stdout == written(Catalogue(offers=20))
    assert result.stderr.startswith(b"standard output: 20 offers, ")


def test_reader_that_goes_away_is_one_line_and_exit_code_1() -> None:
    call = [sys.executable, "-m", "fixtures_generator", "--offers", "5000", "--output", "-"]
    with subprocess.Popen(call, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.read(10)
        process.stdout.close()
        errors = process.stderr.read()
    assert process.returncode == 1
    assert errors == f"{PROGRAM}: error: cannot write standard output: Broken pipe\n".encode()


def test_no_options_mean_the_usual_file() -> None:
    assert read() == (Catalogue(), Document())


def test_every_option_sets_its_field() -> None:
    catalogue, document = read(*EVERY_OPTION.split())
    assert catalogue == Catalogue(
        offers=500,
        warehouses=4,
        seed=5,
        segment=2,
        segments=3,
        composite_share=0.1,
        sku_share=0.2,
        zero_share=0.01,
        fractional_share=0.02,
        negative_share=0.03,
        deleted_share=0.04,
        unknown_share=0.05,
        invalid_share=0.06,
        no_stock_share=0.07,
        duplicate_share=0.08,
        changed_share=0.09,
        changed_seed=6,
    )
    assert document == Document(
        layout=Layout.L6,
        schema_version="2.08",
        namespace="urn:x",
        encoding=Encoding.WINDOWS_1251,
        bom=False,
        crlf=True,
        compact=True,
        date="2020-02-03T04:05:06",
    )


@pytest.mark.parametrize(
    ("arguments", "catalogue", "document"),
    [
        (["--sku"], Catalogue(sku_share=1), Document()),
        (["--namespace", "none"], Catalogue(), Document(namespace="")),
        (["--indent", "--bom"], Catalogue(), Document()),
    ],
)
def test_short_form_of_an_option_sets_its_field(arguments: list[str], catalogue: Catalogue, document: Document) -> None:
    assert read(*arguments) == (catalogue, document)


def test_help_names_every_kind_that_has_a_share(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    named = {Kind.SUPERSEDED: "duplicate", Kind.REPEATED: "duplicate"}
    for kind in Catalogue().kind_shares:
        assert f"--{named.get(kind, kind.value.replace('_', '-'))}-share SHARE" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--zero-share", "0.6", "--changed-share", "0.5"],
            (
                "the shares of kinds add up to 1.1, which is more than 1"
                " (duplicates count twice: the repeated offer and the one it repeats)"
            ),
        ),
        (["--negative-share", "2"], "the negative share must lie between 0 and 1, not 2.0"),
        (["--negative-share", "x"], "argument --negative-share: invalid float value: 'x'"),
        (["--offers", "-1"], "the number of offers must be 0 or more, not -1"),
        (
            ["--warehouses", "0"],
            "layout L1 needs at least 1 warehouse; without any, use one of L2, L3, L4, L8",
        ),
        (
            ["--layout", "L11"],
            "argument --layout: expected one of L1, L2, L3, L4, L5, L6, L7, L8, L9, L10, not 'L11'",
        ),
        (
            ["--encoding", "koi8-r"],
            "argument --encoding: expected one of utf-8, windows-1251, utf-16, not 'koi8-r'",
        ),
        (["--segment", "1of2"], "argument --segment: expected K/M as in 1/8, not '1of2'"),
        (["--segment", "3/2"], "there is no segment 3 of 2"),
        (["--date", "1.2.2026"], "the date must be in ISO form without a time zone, not '1.2.2026'"),
    ],
)
def test_wrong_argument_is_one_line_and_exit_code_2(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--output", str(tmp_path / "rests.xml"), *arguments])
    assert caught.value.code == 2
    assert capsys.readouterr() == ("", f"{PROGRAM}: error: {message}\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "reason"), [("missing/rests.xml", "No such file or directory"), (".", "Is a directory")]
)
def test_bad_path_is_one_line_and_exit_code_1(
    name: str, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    assert main(["--output", str(path)]) == 1
    assert capsys.readouterr() == ("", f"{PROGRAM}: error: cannot write {path}: {reason}\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_full_disk_is_one_line_and_exit_code_1() -> None:
    result = run("--offers", "1000", "--output", "/dev/full")
    assert (result.returncode, result.stdout) == (1, b"")
    assert result.stderr.decode() == f"{PROGRAM}: error: cannot write /dev/full: No space left on device\n"


def test_interrupted_command_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(Document, "encoded", interrupt)
    assert main(["--output", str(tmp_path / "rests.xml")]) == 130
    assert capsys.readouterr() == ("", f"{PROGRAM}: interrupted\n")
    assert list(tmp_path.iterdir()) == []
