"""The anonymous intake: a process of its own, which knows no accounts and keeps nothing that could tell who came."""
