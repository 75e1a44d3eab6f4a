"""Kinematics: where the head is, where it faces and how it moves, on the signals' clock."""

METHOD_VERSION = "3"
