"""Every driver's way of saying the same thing is understood the same."""

from __future__ import annotations

import pytest

from tests.sqlserver.statements_seen import NUMBERED, PYODBC, SAID, MssqlError
from wizard.events import Event, Retrying
from wizard.messages import TargetError
from wizard.sqlserver import error_kinds
from wizard.sqlserver.driver import family, remedy
from wizard.sqlserver.driver_errors import DriverError, ErrorKind, ServerError, understand
from wizard.sqlserver.retry import RetryPolicy


@pytest.mark.parametrize(
    ("error", "number", "trouble"),
    [
        (Exception("42S02", f"[42S02] {PYODBC}Invalid object name 'x'. (208) (SQLExecDirectW)"), 208,
         ErrorKind.STRUCTURE),
        (Exception("28000", f"[28000] {PYODBC}Login failed for user 'a'. (18456) (SQLDriverConnect)"), 18456,
         ErrorKind.LOGIN),
        (Exception("42000", f"[42000] {PYODBC}Cannot open database 'n'. (4060) (SQLDriverConnect); [28000] {PYODBC}"
                   "Login failed for user 'a'. (18456)"), 4060, ErrorKind.DATABASE),
        (Exception("23000", f"[23000] {PYODBC}Violation of PRIMARY KEY. (2627) (SQLExecute); [01000] {PYODBC}"
                   "The statement has been terminated. (3621)"), 2627, ErrorKind.DATA),
        (Exception("40001", f"[40001] {PYODBC}Transaction was deadlocked (1205) (SQLExecDirectW)"), 1205,
         ErrorKind.DEADLOCK),
        (Exception("08S01", "[08S01] [Microsoft][ODBC Driver 18 for SQL Server]Communication link failure (0)"), 0,
         ErrorKind.LOST),
        (Exception("HYT00", "[HYT00] [Microsoft][ODBC Driver 18 for SQL Server]Login timeout expired (0)"), 0,
         ErrorKind.TIMEOUT),
        (Exception("08001", "[08001] [Microsoft][ODBC Driver 18 for SQL Server]SSL Provider: certificate verify"
                   " failed (-1) (SQLDriverConnect)"), 0, ErrorKind.TLS),
        (MssqlError("Invalid authorization specification", "[Microsoft][SQL Server]Login failed for user 'a'."), 0,
         ErrorKind.LOGIN),
        (MssqlError("Client unable to establish connection", "[Microsoft]TCP Provider: Error code 0x2749"), 0,
         ErrorKind.LOST),
        (RuntimeError("Query execution failed: Sql Error: 40501: Class 20: State 1: The service is currently busy."
                      " on srv in Unknown at line 1"), 40501, ErrorKind.BUSY),
        (RuntimeError("Sql Error: 3621: Class 0: State 0: Terminated. on s in p at line 1; Sql Error: 547: Class 16:"
                      " State 0: conflicted with CHECK on s in p at line 1"), 547, ErrorKind.DATA),
        (RuntimeError("Connection closed: peer"), 0, ErrorKind.LOST),
        (ValueError("Cannot insert NULL value into non-nullable column 'a'"), 0, ErrorKind.DATA),
        (ValueError("Failed to resolve column mappings: Usage Error: Destination column 'ID' not found in table"), 0,
         ErrorKind.STRUCTURE),
        (TimeoutError("Bulk copy operation timed out after 600 seconds"), 0, ErrorKind.LOST),
    ],
)  # fmt: skip
def test_a_drivers_error_is_understood(error: Exception, number: int, trouble: ErrorKind) -> None:
    fault = understand(error)
    assert (fault.number, fault.trouble) == (number, trouble)
    assert fault.text
    assert "SQLExec" not in fault.text
    assert "ODBC Driver" not in fault.text


@pytest.mark.parametrize(("error", "trouble"), SAID, ids=[str(e)[:60] for e, _ in SAID])
def test_what_drivers_are_known_to_say_is_known(error: Exception, trouble: ErrorKind) -> None:
    assert understand(error).trouble is trouble


TRANSIENT = (
    # SqlClient's list, and that of Azure's documentation
    64, 233, 615, 926, 997, 1204, 1205, 1222, 4221, 10053, 10054, 10060, 10061, 10928, 10929, 10936, 14355, 40020,
    40143, 40166, 40197, 40501, 40540, 40613, 42108, 42109, 49918, 49919, 49920, 983, 976, 18401, 17142, 17187,
    596, 3960,
)  # fmt: skip
PERMANENT = (18456, 18452, 18488, 4060, 911, 916, 40532, 40615, 229, 207, 208, 547, 2627, 8152, 9002, 40544)


@pytest.mark.parametrize("number", [*TRANSIENT, *PERMANENT])
def test_numbers_say_whether_trouble_passes_whichever_driver_brings_them(number: int) -> None:
    through_odbc = understand(Exception("HY000", f"[HY000] {PYODBC}What happened. ({number}) (SQLExecDirectW)"))
    through_core = understand(
        RuntimeError(f"Sql Error: {number}: Class 16: State 1: What happened. on s in p at line 1")
    )
    assert through_odbc.trouble is through_core.trouble
    assert through_odbc.trouble.passing is (number in TRANSIENT)


@pytest.mark.parametrize(("number", "text"), NUMBERED, ids=[str(n) for n, _ in NUMBERED])
@pytest.mark.parametrize("before", ["Syntax error or access violation", "General error"])
def test_a_text_without_its_number_passes_as_the_number_does(number: int, text: str, before: str) -> None:
    numbered = error_kinds.of_number(number)
    assert numbered is not None
    assert numbered.passing
    assert understand(MssqlError(before, f"[Microsoft][SQL Server]{text}")).trouble.passing


@pytest.mark.parametrize("number", [4060, 40532, 20])
def test_what_a_server_says_of_its_database_is_a_failover_once_it_has_let_us_in(number: int) -> None:
    fault = DriverError(number, "Cannot open database 'b'", ErrorKind.DATABASE)
    assert not fault.trouble.passing
    assert fault.momentary.trouble.passing


def test_a_wrong_password_stays_wrong() -> None:
    fault = DriverError(18456, "Login failed", ErrorKind.LOGIN)
    assert fault.momentary == fault


def test_no_number_is_in_the_table_twice_and_each_line_names_its_source() -> None:
    for table in (error_kinds.NUMBERS, error_kinds.PROVIDED):
        numbers = [n for *_, group in table for n in group]
        assert len(numbers) == len(set(numbers))
        assert all(source for _, source, _ in table)
    assert {error_kinds.of_number(n) for n in error_kinds.THROTTLED} == {ErrorKind.BUSY}


@pytest.mark.parametrize("number", [10928, 10929, 40197, 40501, 40613, 49918, 1205, 1222])
def test_a_busy_server_is_worth_another_attempt(number: int) -> None:
    assert understand(Exception("HY000", f"[HY000] {PYODBC}Wait. ({number}) (SQLExecDirectW)")).trouble.passing


def failing(times: int, trouble: ErrorKind) -> tuple[list[int], object]:
    calls: list[int] = []

    def work() -> str:
        calls.append(1)
        if len(calls) <= times:
            raise ServerError(DriverError(40501, "busy", trouble))
        return "done"

    return calls, work


def test_passing_trouble_is_tried_again_with_growing_pauses_and_told() -> None:
    pauses, told = list[float](), list[Event]()
    calls, work = failing(5, ErrorKind.BUSY)
    policy = RetryPolicy(first=1.0, longest=6.0, sleep=pauses.append)
    assert policy.run(work, "writing", "srv", told.append) == "done"  # type: ignore[arg-type]
    assert len(calls) == 6
    for pause, longest in zip(pauses, (1, 2, 4, 6, 6), strict=True):
        assert longest / 2 <= pause <= longest
    assert [e.attempt for e in told if isinstance(e, Retrying)] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(("trouble", "number"), [(ErrorKind.BUSY, 5010), (ErrorKind.LOST, 5009)])
def test_attempts_end(trouble: ErrorKind, number: int) -> None:
    _, work = failing(99, trouble)
    with pytest.raises(TargetError) as ended:
        RetryPolicy(attempts=3, sleep=lambda s: None).run(work, "writing", "srv")  # type: ignore[arg-type]
    assert ended.value.message.number == number


def test_other_trouble_is_not_tried_again() -> None:
    calls, work = failing(99, ErrorKind.DATA)
    with pytest.raises(ServerError):
        RetryPolicy(sleep=lambda s: None).run(work, "writing", "srv")  # type: ignore[arg-type]
    assert len(calls) == 1


def test_a_missing_library_names_its_package(tmp_path: object) -> None:
    packages = {"debian_ubuntu": "apt install libltdl7", "rhel": "dnf install libtool-ltdl"}
    expected = packages.get(family(), "")
    assert expected in remedy("libltdl.so.7: cannot open shared object file: No such file or directory")
    assert "krb5" in remedy("libkrb5.so.3: cannot open shared object file")
    assert "libgssapi" in remedy("libgssapi_krb5.so.2: cannot open") or "krb5" in remedy("libgssapi_krb5.so.2: x")


@pytest.mark.parametrize(
    ("release", "expected"),
    [('ID="rocky"\nID_LIKE="rhel centos fedora"\n', "rhel"), ("ID=alpine\n", "alpine"), ("ID=ubuntu\nID_LIKE=debian\n",
     "debian_ubuntu"), ('ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', "suse"), ("", "debian_ubuntu")],
)  # fmt: skip
def test_the_family_of_a_linux(release: str, expected: str, tmp_path: object) -> None:
    path = tmp_path / "os-release"  # type: ignore[operator]
    path.write_text(release)
    assert family(path) == expected
