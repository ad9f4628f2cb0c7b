"""The proof: experiments that try to break what the library promises, and count."""
