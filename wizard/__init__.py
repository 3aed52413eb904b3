"""Jetferry's engine: ferries Microsoft Access databases to SQL Server and Azure SQL.

Rooms: `access` reads files, `convert` turns definitions and queries into T-SQL, `assess` tells what will
happen, `target` holds servers and the offline package, `migrate` moves rows, `link` points Access at the result.
`stages` drives them through nine stages and `project` remembers; nothing here imports the interface.
"""

__version__ = "0.1.0"
