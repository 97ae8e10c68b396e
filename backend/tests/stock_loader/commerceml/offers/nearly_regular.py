"""Batches of regular offers with a few mistakes, for Hypothesis to draw from."""

from collections.abc import Iterator

from hypothesis import strategies as st

Tree = tuple[str, str, list["Tree | str"]]
"""An element: name, attributes as they are written, children and texts."""


TEXTS = st.sampled_from(["", " ", "w1", "w2", " w1 ", "5", "0", "-7", "1,5", "2147483647", "нет", "true", "Удален"])
NAMES = [
    "Предложение",
    "Ид",
    "Артикул",
    "Остатки",
    "Остаток",
    "Склад",
    "Количество",
    "Статус",
    "ПометкаУдаления",
    "Чужое",
]
ATTRIBUTES = st.sampled_from(["", ' Статус="Удален"', ' КоличествоНаСкладе="3"', ' x="1"'])


def leaf(name: str, text: str) -> Tree:
    return name, "", [text]


@st.composite
def regular_offers(draw: st.DrawFn) -> Tree:
    if draw(st.booleans()):
        totals: list[Tree | str] = [
            ("Остаток", "", [leaf("Количество", text)]) for text in draw(st.lists(TEXTS, min_size=1, max_size=3))
        ]
        return "Предложение", "", [leaf("Ид", draw(st.sampled_from(["a", "b", "c"]))), ("Остатки", "", totals)]
    rests: list[Tree | str] = [
        ("Остаток", "", [("Склад", "", [leaf("Ид", warehouse), leaf("Количество", draw(TEXTS))])])
        for warehouse in draw(st.lists(st.sampled_from(["w1", "w2", "w3", " w1", ""]), min_size=1, max_size=3))
    ]
    return "Предложение", "", [leaf("Ид", draw(st.sampled_from(["a", "b", "c"]))), ("Остатки", "", rests)]


def nodes(trees: list[Tree | str]) -> Iterator[tuple[list[Tree | str], int]]:
    """Every place in the trees: a list of children and an index."""
    for index, tree in enumerate(trees):
        yield trees, index
        if not isinstance(tree, str):
            yield from nodes(tree[2])


def mutate(draw: st.DrawFn, trees: list[Tree | str]) -> None:
    """Change one place of the trees."""
    siblings, index = draw(st.sampled_from(list(nodes(trees))))
    node = siblings[index]
    match draw(st.sampled_from(["drop", "repeat", "swap", "text", "element", "rename", "attribute", "wrap", "move"])):
        case "drop":
            del siblings[index]
        case "repeat":
            siblings.insert(index, node)
        case "swap":
            siblings[index], siblings[0] = siblings[0], siblings[index]
        case "text":
            siblings.insert(index, draw(TEXTS))
        case "element":
            siblings.insert(index, leaf(draw(st.sampled_from(NAMES)), draw(TEXTS)))
        case "rename" if not isinstance(node, str):
            siblings[index] = (draw(st.sampled_from(NAMES)), node[1], node[2])
        case "attribute" if not isinstance(node, str):
            siblings[index] = (node[0], draw(ATTRIBUTES), node[2])
        case "wrap":
            siblings[index] = (draw(st.sampled_from(NAMES)), "", [node])
        case "move":
            del siblings[index]
            places = list(nodes(trees))
            target, position = draw(st.sampled_from(places)) if places else (trees, 0)
            target.insert(position, node)


def copied(tree: Tree | str) -> Tree | str:
    return tree if isinstance(tree, str) else (tree[0], tree[1], [copied(child) for child in tree[2]])


def written(tree: Tree | str) -> str:
    if isinstance(tree, str):
        return tree
    name, attributes, children = tree
    return f"<{name}{attributes}>{''.join(map(written, children))}</{name}>"


@st.composite
def nearly_regular_batches(draw: st.DrawFn) -> str:
    offers: list[Tree | str] = list(draw(st.lists(regular_offers(), min_size=1, max_size=4)))
    for _ in range(draw(st.integers(0, 5))):
        if offers:
            offers = [copied(tree) for tree in offers]
            mutate(draw, offers)
    return "\n".join(map(written, offers))
