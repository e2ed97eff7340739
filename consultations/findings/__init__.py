"""What several cases say together, written so that none is exposed: drafted, judged by the rule, approved, released."""
