"""VBA as far as the database is concerned: its statements, the texts it puts together, the methods it calls.

Source: Microsoft's MS-VBAL, 3.2 "Logical Line Grammar" and 3.3 "Lexical Tokens". All work grows with the length of
the source; lines that are longer than VBA allows are left alone.
"""
