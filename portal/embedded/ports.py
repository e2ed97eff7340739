"""The port of `make run`: held from the start, so that no other program takes it while the rest gets ready."""

import contextlib
import errno
import http.client
import socket

from portal.embedded.console import Trouble

LOOPBACK = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))


def reserve(port: int, variable: str = "PORT") -> list[socket.socket]:
    """Sockets bound to localhost, over IPv4 and (where there is one) IPv6, that a web server inherits."""
    held = []
    with contextlib.ExitStack() as on_failure:
        for family, address in LOOPBACK:
            if listener := _bound(family, address, port, variable):
                held.append(on_failure.enter_context(listener))
        on_failure.pop_all()
    return held


def free_port() -> int:
    """Of this machine's, one that nobody uses just now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _bound(family: socket.AddressFamily, address: str, port: int, variable: str) -> socket.socket | None:
    """None on a machine without IPv6. Raises Trouble."""
    with contextlib.ExitStack() as on_failure:
        try:
            listener = on_failure.enter_context(socket.socket(family, socket.SOCK_STREAM))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind((address, port))
        except PermissionError as error:
            raise Trouble(
                f"ポート {port} を開く権限がありません。{variable}= で 1024 以上の番号を指定してください。",
                f"port {port} may not be opened by this user; name one from 1024 up with {variable}=.",
            ) from error
        except OSError as error:
            if family == socket.AF_INET6 and error.errno != errno.EADDRINUSE:
                return None
            raise Trouble(
                f"ポート {port} はほかのプログラムが使っています。{variable}= で別の番号を指定してください。",
                f"port {port} is in use by another program; name another one with {variable}=.",
            ) from error
        on_failure.pop_all()
        return listener


def readiness(port: int, path: str = "/readyz") -> tuple[int, str]:
    """The status and text of /readyz, or of another path, on this machine; 0 while nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": f"localhost:{port}"})
        response = connection.getresponse()
        return response.status, response.read().decode(errors="replace")
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        connection.close()
