"""The sections of a policy document, one small file each.

A section is a module, called as its key in the document is, with two things:

- `read(table, ...)` turns its `Table` into the value its rule reads. It reads every key whatever
  the others say, with the methods of `Table` (`text`, `flag`, `number`, `name`, `names`, `choice`,
  `choices`, `span`, `term`, `condition`, `template`, `table`, `tables`, `named`, `among`), and ends
  each table with `table.done()`. Defaults are those of the value class. What an earlier section
  established (the matrix, the audiences, the declared facts) is handed in as further arguments.
- `ABOUT` says in one sentence what each key means, `{"": "the section", "key": "...",
  "*.key": "..."}`; `*` stands for a name that the writer chooses or a place in a list. The JSON
  Schema for editors and the reference are made of it and of what `read` reads.

Every key has a default in code, not only in the profile: a document that was adopted before the key
existed is read without any profile, and must stay readable. For the same reason a check that comes
later, of what has a meaning and merely never does any good, is made with `Table.refused`.

To add a section: this one file; one line in `policy/load.py`, `problems=problems.read(
top.table("problems"))`; one field with a default at the end of `policy/document.py:Policy`; and
its data in `policy/profiles/default.toml`, where the default is more than the class says.
A table that a document must write as a whole (not merged key by key with the profile) is named in
`WHOLE` in `policy/merging.py`.
"""
