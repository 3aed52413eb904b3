"""Connections, drivers, bulk copy and what a server says; and Microsoft's own parser, schema compiler and binder.

`oracle/` asks Microsoft's checker; `test_checker`, `test_battery`, `test_packages`, `test_runtime`, `test_dynamic` and
`test_triggers` hold to it everything that Jetferry writes for SQL Server.
"""
