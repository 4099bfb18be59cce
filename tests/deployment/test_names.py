"""No image is built here: so everything that compose and the images name is looked up in the repository."""

import importlib.util
import os
import re
import shutil
import subprocess
from typing import Any

import pytest

from backend.cli import app as cli
from backend.settings import Settings
from model_server.serving.settings import Settings as ModelServerSettings
from tests.architecture.repository import ROOT
from tests.deployment.compose_file import ComposeFile, Service, read_compose, variables
from tests.deployment.dockerfile import instructions, rest_of

VALUES = {"MASKLOOM_DATABASE_PASSWORD": "secret", "MASKLOOM_PUBLIC_ORIGIN": "https://maskloom.example.org"}
OWN = {"backend": Settings, "migrate": Settings}
DOCKERFILES = sorted(path.name for path in (ROOT / "docker").glob("*.Dockerfile"))


@pytest.fixture(scope="module")
def compose() -> ComposeFile:
    return read_compose(VALUES)


def services_built_by(compose: ComposeFile, dockerfile: str) -> list[Service]:
    return [
        service
        for service in compose.services.values()
        if service.raw.get("build", {}).get("dockerfile") == f"docker/{dockerfile}"
    ]


def settings_of(service: Service) -> type[Settings] | type[ModelServerSettings] | None:
    if "model_server" in service.command:
        return ModelServerSettings
    return OWN.get(service.name)


def check_command(command: list[str]) -> None:
    """A module that can be run, and a command of ours that takes these options."""
    python, flag, module, *words = command
    assert (python, flag) == ("python", "-m"), command
    assert importlib.util.find_spec(module) or importlib.util.find_spec(f"{module}.__main__"), module
    if module != "backend":
        return
    name, *options = words
    known = {str(found.name or found.callback.__name__): found for found in cli.registered_commands if found.callback}
    parameters = known[name].callback.__annotations__  # type: ignore[union-attr]
    for option in (word for word in options if word.startswith("--")):
        assert option.removeprefix("--").replace("-", "_") in parameters, option


def test_every_service_runs_something_that_is_there(compose: ComposeFile) -> None:
    ours = [service for service in compose.services.values() if settings_of(service)]
    assert {"backend", "migrate", "model-1", "model-2", "gpu-1"} <= {service.name for service in ours}
    for service in ours:
        check_command(service.command)
        if "healthcheck" in service.raw:
            check_command(service.healthcheck)


def test_every_setting_of_ours_is_one_and_has_a_value_that_it_takes(compose: ComposeFile) -> None:
    for service in compose.services.values():
        settings = settings_of(service)
        if settings is None:
            continue
        given = {name: value for name, value in service.environment.items() if name.startswith("MASKLOOM_")}
        fields = {name.removeprefix("MASKLOOM_").lower(): value for name, value in given.items()}
        assert set(fields) <= set(settings.model_fields), service.name
        settings.model_validate(fields)


def test_every_variable_of_compose_is_documented() -> None:
    documented = (ROOT / ".env.example").read_text()
    assert [name for name in variables() if f"{name}=" not in documented] == []


def test_an_env_file_as_it_is_in_the_example_is_taken_by_the_backend(compose: ComposeFile) -> None:
    example = (ROOT / ".env.example").read_text()
    given = dict(re.findall(r"^MASKLOOM_(\w+)=(.*)$", example, re.MULTILINE))
    assert len(given) > 15
    overridden = {name.removeprefix("MASKLOOM_") for name in compose.services["backend"].environment}
    kept = {name.lower(): value for name, value in given.items() if name not in overridden}
    Settings.model_validate({name: value for name, value in kept.items() if name in Settings.model_fields})


def test_what_has_no_safe_default_must_be_given() -> None:
    for name in VALUES:
        with pytest.raises(KeyError, match=name):
            read_compose({other: value for other, value in VALUES.items() if other != name})


@pytest.mark.parametrize("dockerfile", DOCKERFILES)
def test_every_path_that_an_image_copies_exists_and_is_not_kept_from_it(dockerfile: str) -> None:
    ignored = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if "*" not in line]
    copied = [rest.split() for rest in rest_of(f"docker/{dockerfile}", "COPY") if not rest.startswith("--from")]
    assert copied
    for *sources, _target in copied:
        for source in sources:
            assert (ROOT / source).exists(), source
            assert not any(source.rstrip("/") == path or source.startswith(f"{path}/") for path in ignored), source


@pytest.mark.parametrize("dockerfile", DOCKERFILES)
def test_an_image_runs_as_nobody_in_particular_and_says_how_it_is(compose: ComposeFile, dockerfile: str) -> None:
    path = f"docker/{dockerfile}"
    assert rest_of(path, "USER") == ["maskloom"]
    assert rest_of(path, "HEALTHCHECK")
    services = services_built_by(compose, dockerfile)
    assert services
    for instruction in instructions(path):
        if instruction.word in {"CMD", "HEALTHCHECK"} and instruction.json()[0] == "python":
            check_command(instruction.json())
    if dockerfile != "proxy.Dockerfile":
        (own,) = [each.json() for each in instructions(path) if each.word == "CMD"]
        assert all(service.command == own for service in services if service.name != "migrate")


def test_backends_and_model_servers_see_the_same_files_under_the_same_path(compose: ComposeFile) -> None:
    seeing = [service for service in compose.services.values() if "/data" in mounts(service) and settings_of(service)]
    assert {service.name for service in seeing} == {"backend", "migrate", "model-1", "model-2", "gpu-1"}
    assert {service.environment["MASKLOOM_DATA_DIR"] for service in seeing} == {"/data"}
    for dockerfile in ("backend.Dockerfile", "model_server.Dockerfile"):
        made = " ".join(rest_of(f"docker/{dockerfile}", "RUN"))
        assert "useradd --uid 10001" in made  # the volume takes its owner from the image that is started first
        assert "--owner maskloom --group maskloom /data /data/models" in made


def mounts(service: Service) -> dict[str, dict[str, Any]]:
    """Volumes by the path at which the service has them."""
    found: dict[str, dict[str, Any]] = {}
    for volume in service.raw.get("volumes", []):
        if isinstance(volume, str):
            source, target = volume.split(":")
            volume = {"source": source, "target": target}
        found[volume["target"]] = volume
    return found


def test_model_servers_write_nothing_but_their_catalogue(compose: ComposeFile) -> None:
    for service in map(compose.services.get, ("model-1", "model-2", "gpu-1")):
        assert service is not None
        found = mounts(service)
        assert set(found) == {"/data", "/data/models"}
        assert found["/data"]["read_only"] is True
        assert found["/data/models"]["volume"] == {"subpath": "models"}
        # The folder has to be there before it is mounted.
        assert service.raw["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert "read_only" not in mounts(compose.services["migrate"])["/data"]


def test_no_container_takes_all_memory_all_processes_or_all_the_disk_for_its_log(compose: ComposeFile) -> None:
    for name, service in compose.services.items():
        assert re.fullmatch(r"\d+[mg]", service.raw["mem_limit"]), name
        assert 0 < service.raw["pids_limit"] <= 1024, name
        assert set(service.raw["logging"]["options"]) == {"max-size", "max-file"}, name
        assert service.raw["ulimits"] == {"core": 0}, name


def test_images_of_others_are_pinned_to_one_release(compose: ComposeFile) -> None:
    of_others = [str(service.raw["image"]) for service in compose.services.values() if "build" not in service.raw]
    of_others = [image for image in of_others if not image.startswith("maskloom-")]
    of_others += [rest.split(" AS ")[0] for name in DOCKERFILES for rest in rest_of(f"docker/{name}", "FROM")]
    assert len(of_others) == 6
    for image in of_others:
        assert re.fullmatch(r"[a-z]+:\d+(\.\d+){1,2}-[a-z-]+(@sha256:[0-9a-f]{64})?", image), image
        name, release = image.split(":")
        assert release.count(".") == (1 if name == "postgres" else 2), image
    (node,) = (image for image in of_others if image.startswith("node:"))
    assert node.startswith("node:24."), "supported until April 2028"


def test_the_proxy_tells_browsers_to_stay_with_https_and_only_over_https() -> None:
    lines = [line.strip() for line in (ROOT / "docker" / "Caddyfile").read_text().splitlines()]
    assert "@secure protocol https" in lines
    (header,) = (line for line in lines if "Strict-Transport-Security" in line)
    assert header == "header @secure Strict-Transport-Security max-age=31536000"


def test_every_address_names_a_service_its_port_and_a_network_that_both_are_in(compose: ComposeFile) -> None:
    ports = {"postgres": {5432}, "redis": {6379}} | {
        name: {int(service.environment[setting])}
        for name, service in compose.services.items()
        for setting in ("MASKLOOM_PORT", "MASKLOOM_MODEL_PORT")
        if setting in service.environment
    }
    backend = compose.services["backend"]
    addresses = re.findall(r"(?:@|//)([a-z][\w-]*):(\d+)", " ".join(backend.environment.values()))
    assert {name for name, _port in addresses} == {"postgres", "redis", "model-1", "model-2"}
    for name, port in addresses:
        assert int(port) in ports[name], (name, port)
        assert set(compose.services[name].raw["networks"]) & set(backend.raw["networks"]), name
    exposed = {"backend.Dockerfile": "MASKLOOM_PORT", "model_server.Dockerfile": "MASKLOOM_MODEL_PORT"}
    for dockerfile, setting in exposed.items():
        for service in services_built_by(compose, dockerfile):
            assert rest_of(f"docker/{dockerfile}", "EXPOSE") == [service.environment[setting]]


def test_nothing_but_the_proxy_can_be_reached_from_outside_and_the_model_servers_reach_nothing(
    compose: ComposeFile,
) -> None:
    assert {name for name, service in compose.services.items() if "ports" in service.raw} == {"proxy"}
    networks = compose.raw["networks"]
    for name in ("postgres", "redis", "migrate", "model-1", "model-2", "gpu-1"):
        assert all(networks[network] == {"internal": True} for network in compose.services[name].raw["networks"]), name


def test_every_service_is_hardened_and_what_it_depends_on_is_there(compose: ComposeFile) -> None:
    for name, service in compose.services.items():
        raw = service.raw
        assert raw["init"] is raw["read_only"] is True, name
        assert raw["cap_drop"] == ["ALL"], name
        own = ["seccomp:docker/seccomp.json"] if name == "backend" else []
        assert raw["security_opt"] == ["no-new-privileges:true", *own], name
        assert name == "migrate" or "healthcheck" in raw or name == "proxy", name
        assert set(raw.get("depends_on", {})) <= set(compose.services), name
        named = {volume["source"] for volume in mounts(service).values()}
        assert named <= set(compose.raw["volumes"]), name
        assert set(raw.get("networks", [])) <= set(compose.raw["networks"]), name


def test_the_proxy_s_configuration_is_valid() -> None:
    caddy = shutil.which("caddy")
    if caddy is None:
        pytest.skip("there is no caddy here to read docker/Caddyfile (Debian: apt install caddy)")
    for origin in ("https://maskloom.example.org", "http://localhost:8080"):
        read = subprocess.run(
            [caddy, "validate", "--adapter", "caddyfile", "--config", str(ROOT / "docker" / "Caddyfile")],
            env=os.environ | {"MASKLOOM_PUBLIC_ORIGIN": origin},
            capture_output=True,
            text=True,
            check=False,
        )
        assert read.returncode == 0, read.stderr


def test_the_proxy_holds_nothing_back_and_names_the_backend(compose: ComposeFile) -> None:
    caddyfile = (ROOT / "docker" / "Caddyfile").read_text()
    assert "flush_interval -1" in caddyfile
    name = re.search(r"\{\$MASKLOOM_BACKEND_NAME:(\S+?)\} \{\$MASKLOOM_PORT:(\d+)\}", caddyfile)
    assert name is not None
    assert name[1] in compose.services
    assert name[2] == compose.services[name[1]].environment["MASKLOOM_PORT"]
    assert set(compose.services["proxy"].raw["networks"]) & set(compose.services["backend"].raw["networks"])
