"""What the screens ask for: what the actor may see, and nothing else."""
