"""`make chaos`: the product under load while its parts are killed, emptied, filled, stopped and set to a wrong time."""
