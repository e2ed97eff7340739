"""The peer of the access benchmark: the same documents under guardian's direct-foreign-key grants."""
