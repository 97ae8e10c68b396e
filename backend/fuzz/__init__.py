"""Fuzzing that is run on demand; `backend/tests` has the part of it that runs every time."""
