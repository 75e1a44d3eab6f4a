"""Coupling: whether seizures come with a state, a change of state, or an hour of the day."""
