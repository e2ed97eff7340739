"""The peer of the access benchmark: the same documents under guardian's own direct-foreign-key grants, as its guide shows."""
