"""Isthmus without a window: onboarding, import engine, command line and sandbox."""
