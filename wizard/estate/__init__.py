"""The estate: from one file to ten thousand. What is there, what is alive, what is the same thing twice, what it will
cost, in which order; and then many migrations at once.

Its state is one SQLite file (`store`, `schema`). `scan` goes through folders (`walk`), has what is new or changed
looked at (`file_scan`, in processes with limits, `file_worker`; many at once by an engine, `engines`), and `derivation`
puts together what follows: families of copies, the graph of links, applications, dead ones. `report` and `status` show
it, `plan` proposes waves, `run` drives them: a project of its own for each application, as any other.
"""
