"""Histories of other systems as files: their rows one by one, and the mappings that come with us.

What a row means is said by a mapping (`incidentkit.lang.histories`); here stands only how rows are
got out of a file, in the order of the file or of time, without holding the file in memory.
"""
