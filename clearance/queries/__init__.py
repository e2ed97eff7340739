"""What the screens ask of the registers. Row-level security bounds each answer to what the actor may see."""
