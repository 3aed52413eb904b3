"""Stage 9: the kit that points an Access application at its migrated tables, and takes it back.

The room's face:

- `kit_of(database, conversion, connection, *, source, rejected={}) -> Kit`: what to link, from plain data.
- `write_kit(folder, kit, *, password="", accept_password_risk=False) -> tuple[Path, ...]`: writes
  `Link-<file>.ps1`, `JetferryLink.bas` and `LINKING.md` (atomically); raises StageError 7001 where a password is
  needed in the files and the risk was not accepted.
"""
