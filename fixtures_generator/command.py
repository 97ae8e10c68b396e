"""The command: read the options, write the file, tell what was written."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from fixtures_generator.catalogue import Catalogue
from fixtures_generator.document import Document
from fixtures_generator.options import build_parser, read_options
from fixtures_generator.writer import write, write_file

STANDARD_OUTPUT = "-"
STANDARD_OUTPUT_DESCRIPTOR = 1
INTERRUPTED = 130
"""Exit code of a program that Ctrl+C ended: 128 and the number of SIGINT."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns:
        The exit code: 0, 1 where the file cannot be written, 130 after Ctrl+C.

    Raises:
        SystemExit: an argument is wrong (exit code 2), or the help was asked for.
    """
    parser = build_parser()
    options = parser.parse_args(arguments)
    catalogue, document = read_options(parser, options)
    started = perf_counter()
    name = "standard output" if options.output == STANDARD_OUTPUT else options.output
    try:
        size = _write_output(options.output, catalogue, document)
    except OSError as error:
        sys.stderr.write(f"{parser.prog}: error: cannot write {name}: {error.strerror or error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write(f"{parser.prog}: interrupted\n")
        return INTERRUPTED
    if not options.quiet:
        seconds = perf_counter() - started
        offers = len(catalogue.indexes)
        sys.stderr.write(f"{name}: {offers:,} offers, {size:,} bytes, {seconds:.1f} s\n")
    return 0


def _write_output(output: str, catalogue: Catalogue, document: Document) -> int:
    if output != STANDARD_OUTPUT:
        return write_file(catalogue, Path(output), document=document)
    # A stream of its own: what sys.stdout could not write, it would try again at exit, and complain again.
    with os.fdopen(STANDARD_OUTPUT_DESCRIPTOR, "wb", closefd=False) as stream:
        return write(catalogue, stream, document=document)
