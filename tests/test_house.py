"""The house as design and style want it: rooms, arrows, pins."""

import ast
import importlib.util
import re
import subprocess

import pytest

STAGES = (
    "transfer", "downsample", "spectra", "pose", "kinematics", "sleep", "seizures", "report",
    "publish", "cohort",
)  # fmt: skip
OTHERS = ("simulate", "intake")


def modules(checkout):
    return sorted((checkout / "vigil").rglob("*.py"))


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (a.name for a in node.names)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_has_all_of_its_places(stage, checkout):
    places = "rules/{}.smk scripts/{}.py vigil/{}/run.py vigil/{}/settings.py docs/{}.md tests/{}"
    for place in places.split():
        assert (checkout / place.format(stage)).exists(), place.format(stage)


def test_stages_meet_only_through_files(checkout):
    for path in modules(checkout):
        room = path.relative_to(checkout / "vigil").parts[0]
        if room not in STAGES:
            continue
        for name in imports(path):
            parts = name.split(".")
            if parts[0] == "vigil" and len(parts) > 1 and parts[1] in STAGES and parts[1] != room:
                assert parts[2:3] == ["files"], f"{path} imports {name}"


def test_the_library_does_not_know_snakemake_and_stages_not_the_simulator(checkout):
    for path in modules(checkout):
        names = list(imports(path))
        assert not [n for n in names if n.split(".")[0] == "snakemake"], path
        room = path.relative_to(checkout / "vigil").parts[0]
        # the shipped pose model is trained on simulated video
        if room in STAGES and room != "pose":
            assert not [n for n in names if n.startswith("vigil.simulate")], path


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_tells_its_method_version_at_no_cost(stage, checkout):
    text = (checkout / "vigil" / stage / "__init__.py").read_text()
    assert re.search(r'^METHOD_VERSION = "\d+"$', text, re.M)
    assert "import" not in text
    rule = (checkout / "rules" / f"{stage}.smk").read_text()
    assert f"{stage}.METHOD_VERSION" in rule


def test_rooms_are_of_a_size(checkout):
    limits = {"vigil": 300, "rules": 150, "scripts": 40}
    for room, limit in limits.items():
        for path in (checkout / room).rglob("*"):
            if path.suffix in (".py", ".smk"):
                assert len(path.read_text().splitlines()) <= limit, path
    assert len((checkout / "Snakefile").read_text().splitlines()) <= 60


def test_every_rule_names_what_it_should(checkout):
    for stage in STAGES:
        text = (checkout / "rules" / f"{stage}.smk").read_text()
        for rule in re.split(r"^rule ", text, flags=re.M)[1:]:
            for word in [
                "input",
                "output",
                "log",
                "benchmark",
                "threads",
                "resources",
                "message",
                "params",
            ]:
                assert f"{word}:" in rule, f"rule {rule.split(':')[0]} has no {word}"
            assert "settings=config\n" not in rule


def test_conda_environments_have_the_pins_of_the_lock(checkout):
    spec = importlib.util.spec_from_file_location("conda", checkout / "envs" / "conda.py")
    conda = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(conda)
    for name in ("vigil", "pose", "bench"):
        lock = (checkout / "envs" / f"{name}.txt").read_text()
        text = (checkout / "envs" / f"{name}.yaml").read_text()
        assert text == conda.conda_yaml(name, lock), f"run `make lock`: envs/{name}.yaml drifted"
        assert text.count('      - "') == len(re.findall(r"^[A-Za-z0-9][^ \n]*==", lock, re.M))


def test_the_lock_holds_what_pyproject_asks_for(checkout):
    import tomllib

    project = tomllib.loads((checkout / "pyproject.toml").read_text())
    asked = {
        "vigil": project["project"]["dependencies"]
        + project["dependency-groups"]["workflow"]
        + project["dependency-groups"]["dev"],
        "pose": project["dependency-groups"]["pose"],
        "bench": project["dependency-groups"]["bench"],
    }
    for name, requirements in asked.items():
        lock = (checkout / "envs" / f"{name}.txt").read_text()
        pinned = set(re.findall(r"^([a-z0-9._-]+)==", lock, re.M))
        for requirement in requirements:
            package = re.match(r"[A-Za-z0-9._-]+", requirement)[0].lower().replace("_", "-")
            assert package in pinned, f"{package} is not in envs/{name}.txt; run `make lock`"


def test_no_path_of_a_machine_and_no_registry_is_named(checkout):
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=checkout, capture_output=True, text=True, check=True
    ).stdout.split()
    # in pieces, so that this file does not name them itself
    words = ["/wo" + "rk/", "pypi" + ".org", "pythonhosted" + ".org", "registry.npm" + "js"]
    for name in tracked:
        path = checkout / name
        if path.suffix in (".png", ".pt", ".pdf", ".jpg") or not path.is_file():
            continue
        text = path.read_text(errors="replace")
        assert not [w for w in words if w in text], name
