"""Tracks and motion drawn on the video of any minute of a recording."""
