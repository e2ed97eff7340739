"""What runs in the processes that clean files. Its modules are run by their path and know nothing of the product."""
