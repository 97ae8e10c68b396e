import io

from stock_loader.commerceml.files.snapshot import Snapshot


def test_standard_input_can_be_read_twice() -> None:
    with Snapshot(["-"], standard_input=io.BytesIO(b"<x/>")) as snapshot:
        file = snapshot.files()[0]
        assert (file.name, file.size) == ("-", 0)
        assert (b"".join(file.chunks()), b"".join(file.chunks())) == (b"<x/>", b"<x/>")
