"""The line between a kernel and its page, without the wait of 40 ms that a server makes by default.

A kernel answers the turn of a slider with several short messages. Nagle's algorithm (RFC 896) keeps the second one back
until the page has acknowledged the first, and the page's computer acknowledges late, after some 40 ms (delayed ACK, RFC
1122, section 4.2.3.2). TCP_NODELAY sends each message at once. Jupyter's server and Voila take the class by its name
(`jupyter_server_config.json`, `demo.command`).
"""
from __future__ import annotations

from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptConnection(ZMQChannelsWebsocketConnection):
    """Jupyter's own connection, with TCP_NODELAY."""

    def connect(self) -> Any:
        """Begin, at once and from then on."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()
