"""Everything Jetferry writes for SQL Server, held to Microsoft's own parser, schema compiler and binder."""
