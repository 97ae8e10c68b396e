"""The stock loader: file → records → rows written → report."""
