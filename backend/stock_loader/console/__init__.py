"""The command: arguments, texts, exit codes."""
