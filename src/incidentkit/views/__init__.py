"""What people read at three in the morning: timeline, explanation, review, summary, diagram.

Views are read-only and pure over records and journal entries. They decide nothing, read no time and
touch nothing, so that the same records print the same page on every machine.
"""
