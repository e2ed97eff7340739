TABLES = {
    "peer_peerdocument": {"is": "open", "app": "SELECT", "why": "the benchmark's peer"},
    "peer_peergrant": {"is": "open", "app": "SELECT", "why": "the benchmark's peer"},
}
