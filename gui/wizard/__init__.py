"""The wizard: a rail of steps, one page at a time, a footer and help; driven by a Flow of core."""
