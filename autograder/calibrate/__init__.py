"""Sets thresholds and time limits from measured runs, and says how sure they are."""
