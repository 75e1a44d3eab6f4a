"""The figures of the report, one module per picture; each takes findings and gives a figure."""
