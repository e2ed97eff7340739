"""Backups of database and blobs in one sealed file: taken while people write, checked, restored into empty places."""
