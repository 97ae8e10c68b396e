"""Commands of the upload."""
