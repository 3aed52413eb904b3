"""The Textual wizard: asks and shows, decides nothing."""
