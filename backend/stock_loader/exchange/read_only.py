"""Pages of Django's admin that only show; no model is imported, so that any app can take it."""

from typing import Any


class ReadOnly:
    """Nothing can be added, changed or deleted by hand."""

    def has_add_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        """Refuse."""
        return False
