"""What is known of the deployments of a project's packages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from wizard.messages import Kind, Message, Place, TargetError
from wizard.package.deployment import Deployment, read_deployment
from wizard.package.manifest import RESULT


@dataclass(frozen=True, slots=True)
class KnownDeployments:
    """The last deployment of each package, and what of a result file cannot be read."""

    package: Path
    """the folder of the package, or of all of them"""
    found: tuple[Deployment, ...] = ()
    messages: tuple[Message, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """A line each; unreadable ones last."""
        return (*(d.summary for d in self.found), *(m.clause for m in self.messages))

    def last(self, database: str = "") -> Deployment:
        """The deployment that began last; to that database where there is one. Raises TargetError 5608, 5609."""
        fit = [d for d in self.found if not database or d.database == database] or list(self.found)
        if fit:
            return max(fit, key=lambda d: d.started)
        if self.messages:
            raise TargetError.of(self.messages[0])
        raise TargetError(5609, Place(Kind.FILE, name=str(self.package)), folder=self.package, file=RESULT)


def known_deployments(package: Path) -> KnownDeployments:
    """Of the package in that folder, or of each database's in a folder below it."""
    found, messages = list[Deployment](), list[Message]()
    for path in (package / RESULT, *sorted(package.glob(f"*/{RESULT}"))):
        try:
            deployment = read_deployment(path.parent)
        except TargetError as e:
            messages.append(e.message)
            continue
        if deployment is not None:
            found.append(deployment)
    return KnownDeployments(package, tuple(found), tuple(messages))
