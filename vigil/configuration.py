"""config.yaml: the settings of an experiment that change its results.

The models of the stages are its only definition: the default file, its comments and its
JSON schema are generated from them, and a wrong key or value is answered with what is
allowed before any job starts.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from typing import Any

import yaml
from pydantic import BaseModel, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from vigil.cohort.settings import Settings as CohortSettings
from vigil.downsample.settings import Settings as DownsampleSettings
from vigil.kinematics.settings import Settings as KinematicsSettings
from vigil.nearest import nearest_word
from vigil.pose.settings import Settings as PoseSettings
from vigil.publish.settings import Settings as PublishSettings
from vigil.report.settings import Settings as ReportSettings
from vigil.seizures.settings import Settings as SeizuresSettings
from vigil.settings import StageSettings
from vigil.sleep.settings import Settings as SleepSettings
from vigil.spectra.settings import Settings as SpectraSettings
from vigil.transfer.settings import Settings as TransferSettings

WIDTH = 88


class ConfigurationError(Exception):
    """The configuration cannot be used; the message says which key, and what is allowed."""


class Configuration(StageSettings):
    """The settings of an experiment that change its results.

    Cores, memory, partitions and folders of one machine are not here but in profiles/.
    """

    recordings: str = "recordings.tsv"
    """Table of the recordings, relative to the working directory."""

    transfer: TransferSettings = TransferSettings()
    """The files of a recording brought to where they are analysed."""

    downsample: DownsampleSettings = DownsampleSettings()
    """The raw signals reduced to the rate that the analysis needs."""

    spectra: SpectraSettings = SpectraSettings()
    """Spectrogram and features of each epoch."""

    pose: PoseSettings = PoseSettings()
    """Ears and snout found in the video by DeepLabCut."""

    kinematics: KinematicsSettings = KinematicsSettings()
    """Head position, direction and their derivatives."""

    sleep: SleepSettings = SleepSettings()
    """Wake, NREM and REM of each epoch."""

    seizures: SeizuresSettings = SeizuresSettings()
    """Seizures, and where they begin."""

    report: ReportSettings = ReportSettings()
    """The page of a recording."""

    cohort: CohortSettings = CohortSettings()
    """The page of all recordings."""

    publish: PublishSettings = PublishSettings()
    """Where finished reports go."""

    version: int = Field(1, ge=1, le=1)
    """Version of this file's form."""

    @model_validator(mode="after")
    def _one_mains(self) -> Configuration:
        if self.spectra.mains_hz != self.seizures.mains_hz:
            raise ValueError(
                f"spectra.mains_hz is {self.spectra.mains_hz:g} and seizures.mains_hz "
                f"{self.seizures.mains_hz:g}: set both to the mains of the laboratory"
            )
        return self


def check_configuration(values: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in the defaults and check every value.

    Raises
    ------
    ConfigurationError
        One sentence for each wrong key: its name, its value and what is allowed.
    """
    try:
        return Configuration.model_validate(dict(values)).model_dump(mode="json")
    except ValidationError as error:
        lines = [explain(e, Configuration) for e in error.errors()]
        raise ConfigurationError("config.yaml: " + "\n  ".join(lines)) from None


def explain(error: ErrorDetails, model: type[BaseModel]) -> str:
    """One error of pydantic as a sentence for the person who edits the file."""
    path = [str(p) for p in error["loc"]]
    name = ".".join(path)
    if error["type"] == "extra_forbidden":
        near = nearest(path[-1], list(_fields_at(model, path[:-1])))
        return f"'{name}' is not a key; {near}"
    message = error["msg"].removeprefix("Value error, ")
    if not path:
        return f"{message}."
    value = "" if isinstance(error["input"], dict) else f" is {error['input']!r}"
    return f"'{name}'{value}: {message[0].lower()}{message[1:]}."


def nearest(word: str, allowed: list[str]) -> str:
    """A remedy for a misspelt word: the nearest that is allowed, or all of them."""
    close = nearest_word(word, allowed)
    if close:
        return f"did you mean '{close}'?"
    return f"allowed here: {', '.join(allowed)}."


def _fields_at(model: type[BaseModel], path: list[str]) -> dict[str, Any]:
    """Fields of the section that a path of keys leads to."""
    fields: dict[str, Any] = dict(model.model_fields)
    for step in path:
        section = fields[step].annotation
        if not (isinstance(section, type) and issubclass(section, BaseModel)):
            return {}
        fields = dict(section.model_fields)
    return fields


def default_yaml() -> str:
    """The default config.yaml, each key under a comment that says what it is."""
    lines = [
        "# Settings of an experiment that change its results. Generated from the models in",
        "# vigil/<stage>/settings.py by `make schemas`; edit the values, not the form.",
        "# Cores, memory, partitions and folders of one machine belong into profiles/.",
        "",
    ]
    for name, field in Configuration.model_fields.items():
        value = field.get_default(call_default_factory=True)
        lines += [f"# {line}" for line in _wrapped(field.description or "", WIDTH - 2)]
        if isinstance(value, StageSettings):
            lines.append(f"{name}:")
            lines += _section(value)
        else:
            lines.append(f"{name}: {_scalar(value)}")
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def _section(settings: StageSettings) -> list[str]:
    lines = []
    for name, field in type(settings).model_fields.items():
        value = settings.model_dump(mode="json")[name]
        lines += [f"  # {line}" for line in _wrapped(field.description or "", WIDTH - 4)]
        if isinstance(value, dict):
            lines.append(f"  {name}:" + ("" if value else " {}"))
            inner = getattr(settings, name)
            if isinstance(inner, StageSettings):
                lines += [f"  {line}" for line in _section(inner)]
            else:
                lines += [f"    {k}: {_scalar(v)}" for k, v in value.items()]
        else:
            lines.append(f"  {name}: {_scalar(value)}")
    return lines or ["  {}"]


def _scalar(value: Any) -> str:
    return str(yaml.safe_dump(value, default_flow_style=True, width=10_000)).split("\n")[0]


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(" ".join(text.split()), width)


def schema() -> str:
    """JSON schema of config.yaml."""
    return json.dumps(Configuration.model_json_schema(), indent=1) + "\n"
