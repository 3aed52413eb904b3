"""The offline package: scripts, data files and deployment commands in a folder, for a server out of reach.

The face of this part of the room:

- `write_scripts(folder, statements, options) -> tuple[Path, ...]` (stage 7): `NNN-*.sql`, one file per kind.
- `PackageSink(folder, state, tables, statements, options, *, name)` (stage 8): a `wizard.target.sink.Sink`; what is
  under way lies in the folder `state`, the package holds finished files only; `finish` writes manifest, deploy
  commands and README.
"""
