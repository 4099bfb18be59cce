"""What may be imported without torch, who commits, and that networks do no input or output."""

import subprocess
import sys

from tests.architecture.graph import graph
from tests.architecture.repository import ROOT, sources

BLOCK_TORCH = "import sys; sys.modules['torch'] = None; "


def test_the_contract_and_the_backend_import_without_torch() -> None:
    code = BLOCK_TORCH + "import model_server.contract, backend.app, backend.cli"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr[-2000:]


def test_the_contract_imports_pydantic_and_nothing_else() -> None:
    modules = {"model_server.contract", *graph().find_descendants("model_server.contract")}
    imported = set().union(*map(graph().find_modules_directly_imported_by, modules)) - modules
    assert {name for name in imported if name.split(".")[0] not in sys.stdlib_module_names} == {"pydantic"}


def test_only_the_database_package_and_short_sessions_commit() -> None:
    """One request is one transaction, committed by the dependency before the response leaves."""
    offenders = [
        str(path)
        for path in sources(".py")
        if path.parts[0] == "backend" and path.parts[1] != "db" and ".commit()" in (ROOT / path).read_text()
    ]
    assert offenders == []


def test_networks_do_no_input_or_output() -> None:
    network = ROOT / "model_server" / "models" / "sam2" / "network"
    words = ("open(", "print(", "requests", "Path(")
    offenders = [f"{path.name}: {word}" for path in network.glob("*.py") for word in words if word in path.read_text()]
    assert list(network.glob("*.py"))
    assert offenders == []
