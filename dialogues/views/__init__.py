"""The screens of rooms: parse, call one service or query, render."""
