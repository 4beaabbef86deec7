"""The wizard without its window: steps, draft, flow; plan and apply; diagnosis."""
