"""The logic behind the operators' commands, one module or package a command; `rently_db.cli` parses, calls and prints."""
