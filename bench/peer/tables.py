OPEN = {"is": "open", "app": "SELECT", "why": "the benchmark's peer"}
TABLES = {
    "peer_peerdocument": OPEN,
    "peer_peergrant": OPEN,
    "peer_peergroupgrant": OPEN,
    "peer_peermembership": OPEN,
}
