"""A gateway that requires client certificates and passes bytes on to a port of this machine.

Usage: tls_gateway.py CERTIFICATE KEY CLIENT_AUTHORITY TARGET_PORT

Prints the port it listens on, and runs until it is killed.
"""

import socket
import ssl
import sys
import threading


def copy(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve(connection, context, port):
    try:
        client = context.wrap_socket(connection, server_side=True)
    except (ssl.SSLError, OSError):
        connection.close()
        return
    server = socket.create_connection(("127.0.0.1", port))
    threading.Thread(target=copy, args=(client, server), daemon=True).start()
    copy(server, client)


def main(certificate, key, authority, port):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(authority)
    context.verify_mode = ssl.CERT_REQUIRED
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            connection, _ = listener.accept()
            arguments = (connection, context, int(port))
            threading.Thread(target=serve, args=arguments, daemon=True).start()


main(*sys.argv[1:])
