import io

from stock_loader.commerceml.files.snapshot import Snapshot


def test_standard_input_can_be_read_twice() -> None:
    with Snapshot(["-"], standard_input=io.BytesIO(b"<x/>")) as snapshot:
        file = snapshot.files()[0]
        assert (file.name, file.size) == ("-", 0)
        assert (b"".join(file.chunks()), b"".join(file.chunks())) == (b"<x/>", b"<x/>")


class Trickle(io.BytesIO):
    """Gives two bytes a read, and counts them."""

    given = 0

    def read(self, size: int | None = -1) -> bytes:
        chunk = super().read(2)
        self.given += len(chunk)
        return chunk


def test_standard_input_is_kept_as_far_as_it_was_read_and_read_on_from_there() -> None:
    stream = Trickle(b"123456")

    with Snapshot(["-"], standard_input=stream) as snapshot:
        file = snapshot.files()[0]
        head = file.chunks()
        assert (next(head), stream.given) == (b"12", 2)
        head.close()
        assert (list(file.chunks()), stream.given) == ([b"12", b"34", b"56"], 6)
        assert b"".join(file.chunks()) == b"123456"
