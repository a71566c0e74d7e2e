"""`mdsbench serve`: the page of a store on this machine, which follows a campaign."""

import argparse
from typing import TYPE_CHECKING

from mdsbench.cli.arguments import file, whole_number

if TYPE_CHECKING:
    from mdsbench.cli.arguments import Commands

ORDER = 22
PORT, LARGEST = 8317, 65_535


def add_parser(commands: "Commands") -> None:
    """Add the command `serve`."""
    parser = commands.add_parser(
        "serve",
        help="the page of a store on this machine, which follows a campaign",
        description="Serve the page of a store at an address of this machine that no other machine reaches. After the "
        "store has changed the page is made anew, and the browser shows it. Ctrl-C ends it.",
    )
    parser.add_argument("store", type=file, metavar="STORE")
    parser.add_argument(
        "--port", type=_port, default=PORT, metavar="N", help="default: %(default)s; 0 takes any that is free"
    )
    parser.add_argument("--campaign", metavar="NAME", help="only this campaign of the store")
    parser.add_argument(
        "--gradient-cost",
        metavar="W",
        help="how many function values a gradient counts as at first: a positive number, 'dimension', or 'measured' "
        "(default: 1)",
    )
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> None:
    """Serve the page until it is interrupted."""
    import threading

    from mdsbench.report.build import page_of
    from mdsbench.report.served import Newest, server
    from mdsbench.system.text import printable

    def make(token: str) -> str:
        return page_of(options.store, options.campaign, options.gradient_cost, token=token)

    newest = Newest(options.store, make)
    ended = threading.Event()
    with server(newest, options.port) as serving:
        address = f"http://127.0.0.1:{serving.server_address[1]}/"
        print(f"{address} shows {printable(str(options.store))}; Ctrl-C ends it", flush=True)
        threading.Thread(target=newest.follow, args=[ended], daemon=True).start()
        try:
            serving.serve_forever()
        except KeyboardInterrupt:
            print("", flush=True)
        finally:
            ended.set()


def _port(text: str) -> int:
    number = whole_number(text)
    if number > LARGEST:
        raise argparse.ArgumentTypeError(f"takes 0 to {LARGEST:,}")
    return number
