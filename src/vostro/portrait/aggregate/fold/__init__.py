"""Folding 逐行折叠: all sums of a source in one pass over its rows, customer by customer in memory.

The engine reads, joins and filters; what it streams is folded here, row by row, into one record
of whole numbers a customer. A column engine adds up sixty sums sixty times, each time waiting
for memory; a record waits once. Only whole numbers are added, so the answer is the engine's own,
bit for bit; what does not fit is left to the engine.
"""

from vostro.portrait.aggregate.fold.folding import fold

__all__ = ["fold"]
