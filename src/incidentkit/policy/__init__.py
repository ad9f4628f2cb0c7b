"""The document of rules that people review: composed here of the values each rule reads."""
