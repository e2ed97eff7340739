"""A TAXII 2.1 server over what each account may read."""
