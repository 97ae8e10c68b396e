"""Build pieces of XML as indented lines."""

Lines = tuple[str, ...]
"""Lines of markup, each with one tab per level below the outermost element."""


def leaf(name: str, text: str) -> Lines:
    """Return an element that holds text."""
    return (f"<{name}>{text}</{name}>",)


def element(name: str, *children: Lines, attributes: str = "") -> Lines:
    """Return an element that holds other elements; attributes come with a space in front of each."""
    inner = (f"\t{line}" for child in children for line in child)
    return (f"<{name}{attributes}>", *inner, f"</{name}>")


def empty(name: str, *, attributes: str) -> Lines:
    """Return an element without content."""
    return (f"<{name}{attributes}/>",)


def indented(lines: Lines, *, levels: int) -> Lines:
    """Return the lines moved to the right."""
    return tuple("\t" * levels + line for line in lines)
