"""The former place and name of `wizard.sqlserver.driver_errors.ServerError`, for scripts that were written for it."""

from wizard.sqlserver.driver_errors import ServerError as ServerFault

__all__ = ["ServerFault"]
