"""A real mail server for tests: aiosmtpd. Each mail it accepts becomes a file in the folder, and standard output tells
the port once it listens.

usage: smtp.py FOLDER OPTIONS, where OPTIONS is JSON:
    tls       "none", "starttls" or "implicit"; with certificate and key (PEM files)
    user, password    required of clients when given
    replies   {"MAIL" | "RCPT" | "DATA" | an address: "451 try later"}: what is answered instead of accepting
"""

import asyncio
import json
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

folder = pathlib.Path(sys.argv[1])
options = json.loads(sys.argv[2])
replies = options.get("replies", {})


class Handler:
    count = 0

    async def handle_EHLO(self, server, session, envelope, hostname):
        session.host_name = hostname
        return "250 HELP"

    async def handle_MAIL(self, server, session, envelope, address, mail_options):
        if "MAIL" in replies:
            return replies["MAIL"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        reply = replies.get(address, replies.get("RCPT"))
        if reply:
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if "DATA" in replies:
            return replies["DATA"]
        Handler.count += 1
        mail = {
            "hello": session.host_name,
            "encrypted": session.ssl is not None or options["tls"] == "implicit",
            "login": session.auth_data if session.authenticated else None,
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "content": envelope.content.decode("ascii"),
        }
        part = folder / f"{Handler.count}.part"
        part.write_text(json.dumps(mail))
        part.rename(folder / f"{Handler.count}.json")
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    known = (options.get("user", "").encode(), options.get("password", "").encode())
    given = (data.login, data.password)
    if given != known:
        return AuthResult(success=False, handled=False)
    return AuthResult(success=True, auth_data=data.login.decode())


async def main():
    context = None
    if options["tls"] != "none":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options["certificate"], options["key"])
    upgrade = context if options["tls"] == "starttls" else None

    def session():
        return SMTP(
            Handler(),
            hostname="mail.test",
            tls_context=upgrade,
            require_starttls=upgrade is not None,
            authenticator=authenticate if "user" in options else None,
            auth_required="user" in options,
            auth_require_tls=upgrade is not None,
        )

    implicit = context if options["tls"] == "implicit" else None
    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", 0, ssl=implicit)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
