"""Values on their way to a server's types: what fits, what is rejected, what a repair rule makes of it.

Stage 5 asks here what stage 8 will do, and stage 8 does it with the same code, so that what was foreseen is what comes.
"""
