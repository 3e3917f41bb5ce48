"""The oracle: every figure of docs/analytics.md once more, in plain Python over raw rows, so that the SQL has somebody to disagree with."""
