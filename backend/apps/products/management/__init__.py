"""Commands of the stock loader."""
