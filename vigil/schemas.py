"""Write config.yaml and schemas/ from the models: `python -m vigil.schemas`."""

from __future__ import annotations

from pathlib import Path

from vigil import configuration, row

CHECKOUT = Path(__file__).resolve().parent.parent


def generated() -> dict[Path, str]:
    """The generated files of the checkout and what they should hold."""
    return {
        CHECKOUT / "config.yaml": configuration.default_yaml(),
        CHECKOUT / "schemas" / "config.schema.json": configuration.schema(),
        CHECKOUT / "schemas" / "recordings.schema.json": row.schema(),
    }


if __name__ == "__main__":
    for path, text in generated().items():
        path.write_text(text)
        print(path.relative_to(CHECKOUT))
