"""Node, where it has a WebSocket client."""

import re
import shutil
import subprocess


def node_command():
    """How to run a script with a built-in client; None where Node has none (before version 20) or is absent."""
    node = shutil.which("node")
    if node is None:
        return None
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = int(re.match(r"v(\d+)", version).group(1))
    if major >= 22:
        return [node]
    return [node, "--experimental-websocket", "--no-warnings"] if major >= 20 else None
