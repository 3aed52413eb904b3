"""The former name of `wizard.sqlserver` and `wizard.package`, for scripts that were written for it."""
