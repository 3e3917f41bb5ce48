"""The figures of the views, by the oracle: for each view a function that gives its rows on a day."""
