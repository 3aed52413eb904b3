"""The offline package: scripts, data files and deployment commands in a folder, for a server out of reach.

Stage 7 calls `write_scripts`, stage 8 moves rows into a `PackageSink`, whose `finish` writes manifest, deployment
commands and README; a `PackageTableSums` reads back what is in it. What is under way lies outside the package: it holds
finished files only.
"""

from wizard.package.publish import TIGHTEN, claim, write_scripts
from wizard.package.sink import PackageSink
from wizard.package.table_sums import PackageTableSums

__all__ = ["TIGHTEN", "PackageSink", "PackageTableSums", "claim", "write_scripts"]
