"""What a reader of the dashboards waits for, alone and among fifty others."""
