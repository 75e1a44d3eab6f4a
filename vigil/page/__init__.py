"""The language that the pages of a recording and of the cohort share: looks, words, times."""
