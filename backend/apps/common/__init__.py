"""What all imports of the shop share."""
