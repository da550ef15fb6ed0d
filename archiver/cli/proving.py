"""``seal``, ``verify``, ``rebuild``: the WARC files closed, checked, and read back."""

from __future__ import annotations

from typing import Annotated

import typer

from archiver.cli.context import state_of, stop_on_signals
from archiver.cli.output import print_json
from archiver.cli.progress import counting


def add_to(app: typer.Typer) -> None:
    """Hang the commands of this module into the program."""
    app.command()(seal)
    app.command()(verify)
    app.command()(rebuild)


def seal(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Close the open WARC files: digest, sign, make read-only.

    Example: `archiver seal`
    """
    from archiver.reception import seal_pushed
    from archiver.services.seal import enter_missed, seal_all
    from archiver.wiring import open_archive

    settings = state_of(context).settings()
    with open_archive(settings, stop=stop_on_signals()) as archive:
        now = archive.clock.now()
        sealed = seal_all(archive.store, archive.segments, now, signer=archive.signer)
        all_pushed = seal_pushed(settings, archive.clock)
        sealed += enter_missed(archive.store, archive.segments, now, signer=archive.signer, pushed_only=True)
    if not all_pushed:
        typer.echo(
            "The receiver did not close its files in time; it will do so, and the next round enters them.", err=True
        )
    if as_json:
        print_json(
            {
                "sealed": [
                    {"file": one.file, "sha256": one.sha256, "records": one.records, "bytes": one.size_bytes}
                    for one in sealed
                ]
            }
        )
        return
    for one in sealed:
        typer.echo(f"{one.file}: {one.records} WARC records, {one.size_bytes} bytes, sha256 {one.sha256}")
    typer.echo(f"{len(sealed)} files sealed." if sealed else "No WARC file was open.")


def verify(
    context: typer.Context,
    full: Annotated[bool, typer.Option("--full", help="Open sealed files too whose digest is unchanged.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Check everything, list what is wrong; exit code 1 if anything is.

    Examples: `archiver verify`, `archiver verify --full --json`
    """
    from archiver.ledger import keys
    from archiver.services.verify import Finding
    from archiver.services.verify import verify as findings_of
    from archiver.wiring import open_for_reading

    settings = state_of(context).settings()
    verifier = keys.verifier(settings.keys)
    with open_for_reading(settings) as store, counting("files", quiet=as_json) as progress:
        found = list(findings_of(store, settings.storage, full=full, progress=progress, verifier=verifier))
    if verifier is None:
        found.append(Finding("keys/seal.pub", None, "the public key is missing, so no signature was checked"))
    if as_json:
        print_json({"ok": not found, "findings": [one.document() for one in found]})
    else:
        for one in found:
            typer.echo(one.sentence())
        typer.echo(f"{len(found)} findings." if found else "Everything verifies.")
    if found:
        raise typer.Exit(1)


def rebuild(
    context: typer.Context,
    check: Annotated[bool, typer.Option("--check", help="Only compare the store with the WARC files.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Make the captured half of the store again from the WARC files.

    Examples: `archiver rebuild --check`, `archiver rebuild`
    """
    from archiver.services import rebuild as service
    from archiver.wiring import open_archive

    settings = state_of(context).settings()
    with open_archive(settings, stop=stop_on_signals()) as archive, counting("exchanges", quiet=as_json) as progress:
        scratch, now = settings.data_dir / "spool", archive.clock.now()
        if check:
            compared = service.check(archive.store, settings.storage, scratch, now, progress=progress)
            replayed, found = compared.replayed, [str(one) for one in compared.differences]
        else:
            replayed, found = service.rebuild(archive.store, settings.storage, scratch, now, progress=progress), []
    found += replayed.unread
    if as_json:
        print_json({"exchanges": replayed.exchanges, "notes": replayed.notes, "differences": found})
    else:
        for one in found:
            typer.echo(one)
        verdict = f"{len(found)} differences." if found else ("No difference." if check else "The store is made anew.")
        typer.echo(f"{replayed.exchanges} exchanges read. {verdict}")
    if found:
        raise typer.Exit(1)
