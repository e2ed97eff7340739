"""The screens of documents: parse, call one service or query, render."""
