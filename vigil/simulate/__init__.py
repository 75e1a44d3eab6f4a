"""Simulate: a rig that writes real file formats, with the truth beside them.

Nothing here is read by the workflow: it gets the files that a rig would leave.
"""
