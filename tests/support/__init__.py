"""What tests share: servers and databases."""
