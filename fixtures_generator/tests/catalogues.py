"""Catalogues that several tests use."""

from io import BytesIO
from pathlib import Path

import fixtures_generator
from fixtures_generator import Catalogue, Document, write

PROJECT = Path(fixtures_generator.__file__).parents[1]

MIXED = Catalogue(
    offers=600,
    composite_share=0.3,
    sku_share=0.5,
    zero_share=0.1,
    fractional_share=0.1,
    negative_share=0.05,
    deleted_share=0.05,
    unknown_share=0.05,
    invalid_share=0.15,
    no_stock_share=0.05,
    duplicate_share=0.1,
    changed_share=0.1,
)
"""Everything at once: 150 offers are plain."""


def written(catalogue: Catalogue, document: Document | None = None) -> bytes:
    stream = BytesIO()
    write(catalogue, stream, document=document or Document())
    return stream.getvalue()
