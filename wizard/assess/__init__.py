"""Stage 5: what converts, what the data will do, and what is left for a person.

The room's face (all plain functions; `cancelled` is asked between batches and raises Cancelled when it says yes):

- `look(file, tables=None, *, cancelled=never, progress=silent) -> dict[str, TableFacts]`: one pass over the data,
  by Access table name; `convert` chooses types by it.
- `examine(file, conversion, *, source, facts, cancelled=never, progress=silent) -> tuple[Message, ...]`: what the
  data will do to the converted tables (numbers 4000 to 4999), reading only the columns that matter.
- `assess(database, conversion, findings=(), *, source, facts={}) -> Assessment`: counts per category, messages by
  number, data findings, effort, and `Assessment.tree()` for the wizard.
- `as_text(assessment)`, `as_html(assessment)`, `as_json(assessment)`, `as_csv(assessment)`: reports as str.
"""
