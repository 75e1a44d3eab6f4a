"""The figures of the sleep model's page, one module per picture; each takes tables."""
