from pathlib import Path

from stock_loader.database.file_lock import FileLock


def test_lock_on_several_files_is_taken_whole_or_not_at_all(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    holder, both, rest = FileLock(lambda: [second]), FileLock(lambda: [first, second]), FileLock(lambda: [first])
    assert holder.try_obtain()
    assert not both.try_obtain()
    assert rest.try_obtain(), "the first file was given back"
    rest.release()
    holder.release()
    assert both.try_obtain()
    assert not rest.try_obtain()
    both.release()
