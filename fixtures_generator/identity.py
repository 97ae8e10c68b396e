"""Give every offer its id and sku, from the seed and the offer's index alone."""

from fixtures_generator.seeding import mix, salt
from fixtures_generator.spreading import Proportion

VARIANTS_PER_PRODUCT = 4


class Guids:
    """GUIDs as one 1C database makes them, time-based, with the same last group; each index has its own."""

    def __init__(self, seed: int, purpose: str) -> None:
        self._key = salt(seed, f"guid {purpose}")
        self._node = f"{salt(seed, f'node {purpose}') >> 16:012x}"

    def guid(self, index: int) -> str:
        """Return the GUID of an index."""
        # All 64 bits of `bits` go in, which keeps the GUIDs apart; 11e8 … 11eb are the years 2018 to 2021.
        bits = mix(self._key + index)
        version = 0x11E8 | bits >> 62
        variant = 0x8000 | bits >> 48 & 0x3FFF
        return f"{bits & 0xFFFFFFFF:08x}-{bits >> 32 & 0xFFFF:04x}-{version:04x}-{variant:04x}-{self._node}"


class Identities:
    """The ids and skus of one id-space: the catalogue's own, or one that it does not know."""

    def __init__(self, seed: int, space: str, *, composite_share: float) -> None:
        self._products = Guids(seed, f"{space} product")
        self._variants = Guids(seed, f"{space} variant")
        self._composite = Proportion(composite_share)
        self._sku_prefix = f"{space[0].upper()}{salt(seed, f'sku {space}') >> 32:08X}"

    def onec_id(self, index: int) -> str:
        """Return the offer's `Ид`: `GUID`, or `GUID#GUID` where the offer is a variant of a product."""
        if not self._composite.has(index):
            return self._products.guid(index)
        product = index - index % VARIANTS_PER_PRODUCT
        return f"{self._products.guid(product)}#{self._variants.guid(index)}"

    def sku(self, index: int) -> str:
        """Return the offer's `Артикул`."""
        return f"{self._sku_prefix}-{index:07d}"
