"""How early the seizures of a cohort could have been seen, and in what."""
