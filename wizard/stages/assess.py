"""Stage 5: what converts and what the data will do, told before anything is done."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from wizard.assess import Assessment, as_csv, as_html, as_json, as_text, assess, examine
from wizard.assess.source import CancelledError
from wizard.disk import write_whole
from wizard.events import Progress, Stage
from wizard.messages import Message, StageError
from wizard.stages.browse import now
from wizard.stages.control import Cancel, StoppedError
from wizard.stages.convert import ConvertStage, of_source
from wizard.stages.facts import Facts
from wizard.stages.machine import title
from wizard.stages.session import Session
from wizard.stages.sources import SourcesStage

REPORTS = "reports"
RENDERERS = {"html": as_html, "json": as_json, "csv": as_csv, "txt": as_text}


class AssessStage:
    """`run` and `save` belong in a thread."""

    def __init__(self, session: Session, sources: SourcesStage, convert: ConvertStage, facts: Facts) -> None:
        self._session = session
        self._sources = sources
        self._convert = convert
        self._facts = facts
        self._results: dict[str, Assessment] = {}

    @property
    def results(self) -> Mapping[str, Assessment]:
        """By source key; empty where nothing was assessed since the project was opened (the reports are kept)."""
        return self._results

    def run(self, cancel: Cancel | None = None) -> Mapping[str, Assessment]:
        """Convert without keeping, and look at the data where the options say so; saves the reports.

        Raises StageError, SourceError, StoppedError.
        """
        cancel = cancel or Cancel()
        with self._session.run(Stage.ASSESS) as ending:
            conversion = self._convert.converted(cancel, Stage.ASSESS)
            results = {}
            for source in self._session.project.sources:
                cancel.check()
                opened = self._sources.open(source.key)
                facts = self._facts.of(source.key, Stage.ASSESS, cancel)
                own = of_source(conversion, source.key)
                findings: tuple[Message, ...] = ()
                if self._session.project.options.data_assessment:
                    try:
                        findings = examine(
                            opened,
                            own,
                            source=source.key,
                            facts=facts,
                            keep_nulls=self._session.project.options.keep_nulls,
                            cancelled=cancel,
                            progress=self._progress,
                        )
                    except CancelledError:
                        raise StoppedError(cancel.reason) from None
                result = assess(opened.definition, own, findings, source=source.key, facts=facts)
                results[source.key] = result
                for message in (*own.messages, *findings):
                    self._session.tell(Stage.ASSESS, message)
            self._results = results
            ending.detail = f"{len(self.save())} reports in {REPORTS}/"
        return results

    def _progress(self, done: int, total: int, what: str) -> None:
        self._session.emit(Progress(now(), Stage.ASSESS, done, total, what))

    def save(self, folder: Path | None = None) -> tuple[Path, ...]:
        """Write the reports as HTML, JSON, CSV and text; returns where. Raises StageError before the first run."""
        if not self._results:
            raise StageError(8112, stage=title(Stage.ASSESS))
        written = []
        for ending, render in RENDERERS.items():
            path = (folder or self._session.folder / REPORTS) / f"assessment.{ending}"
            write_whole(path, render(*self._results.values()))
            written.append(path)
        return tuple(written)


__all__ = ["RENDERERS", "REPORTS", "AssessStage", "Assessment"]
