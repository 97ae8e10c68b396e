"""The apps of the shop that the stock loader needs."""
