"""A stream that fails is left alone, and no stream at all takes everything."""

import io

from stock_loader.console.output import QuietStream


def test_stream_is_left_alone_after_its_first_failure() -> None:
    under = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    stream = QuietStream(under)
    under.close()

    assert (stream.write("a"), stream.isatty()) == (1, False)
    first = stream.failure
    stream.flush()

    assert isinstance(first, ValueError)
    assert stream.failure is first


def test_no_stream_takes_everything() -> None:
    stream = QuietStream(None)
    stream.write("a")
    stream.flush()
    assert (stream.isatty(), stream.failure) == (False, None)
