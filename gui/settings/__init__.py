"""Settings of this machine and of the profiles on it."""
