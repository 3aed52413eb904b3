"""The checker: Microsoft's assemblies and our lint, run in a process of its own by `tests.sqlserver.client`."""
