"""Log Service: the write path (our own), and the SDK for everything else."""
