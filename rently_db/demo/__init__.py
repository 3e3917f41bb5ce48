"""The demonstration: a v0 database with data goes to v1 and back and to v1 again, while a v0 application works on it."""
