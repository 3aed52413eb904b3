Attribute VB_Name = "modUtilities"
Option Compare Database
Option Explicit

' Small functions as people write them for their queries.
Public Const TAX_RATE As Double = 0.19
Private Const SEPARATOR = ", "
Private mlngCalls As Long

Public Enum AgeGroup
    agChild
    agAdult = 18
    agSenior = 65
End Enum

Public Function NullToZero(AnyValue As Variant) As Variant
    ' Accepts: a variant value
    ' Purpose: converts null values to zeros
    If IsNull(AnyValue) Then
        NullToZero = 0
    Else
        NullToZero = AnyValue
    End If
End Function

Function NZ2(varIn As Variant, Optional varDefault As Variant = 0) As Variant
    NZ2 = IIf(IsNull(varIn), varDefault, varIn)
End Function

Public Function NullToText(v) As String
    NullToText = "" & v
End Function

Public Function MaxOf2(a As Variant, b As Variant) As Variant
    If IsNull(a) Then
        MaxOf2 = b
    ElseIf IsNull(b) Then
        MaxOf2 = a
    ElseIf a > b Then
        MaxOf2 = a
    Else
        MaxOf2 = b
    End If
End Function

Public Function MinOf2(ByVal a As Double, ByVal b As Double) As Double
    If a < b Then MinOf2 = a Else MinOf2 = b
End Function

Public Function FullName(varFirst As Variant, varLast As Variant) As Variant
    Dim strTemp As String

    If IsNull(varFirst) And IsNull(varLast) Then
        FullName = Null
        Exit Function
    End If
    strTemp = Nz(varFirst, "")
    If Len(strTemp) > 0 And Not IsNull(varLast) Then strTemp = strTemp & " "
    strTemp = strTemp & Nz(varLast, "")
    FullName = Trim(strTemp)
End Function

Public Function LastFirst(LastName As Variant, FirstName As Variant) As String
    LastFirst = LastName & (SEPARATOR + FirstName)
End Function

Public Function FirstOfMonth(dtm As Date) As Date
    FirstOfMonth = DateSerial(Year(dtm), Month(dtm), 1)
End Function

Public Function EndOfMonth(dtm As Variant) As Variant
    If IsNull(dtm) Then
        EndOfMonth = Null
    Else
        EndOfMonth = DateSerial(Year(dtm), Month(dtm) + 1, 0)
    End If
End Function

Public Function DaysInMonth(ByVal d As Date) As Integer
    DaysInMonth = Day(DateSerial(Year(d), Month(d) + 1, 1) - 1)
End Function

Public Function Age(varBirth As Variant, varOn As Variant) As Variant
    Dim intAge As Integer

    If IsNull(varBirth) Or IsNull(varOn) Then
        Age = Null
        Exit Function
    End If
    intAge = DateDiff("yyyy", varBirth, varOn)
    If varOn < DateSerial(Year(varOn), Month(varBirth), Day(varBirth)) Then
        intAge = intAge - 1
    End If
    Age = intAge
End Function

Public Function FiscalYear(d As Variant, Optional intStart As Integer = 7) As Variant
    If Not IsDate(d) Then
        FiscalYear = Null
    Else
        FiscalYear = Year(d) - (Month(d) >= intStart)
    End If
End Function

Public Function FiscalQuarter(d As Date) As Integer
    FiscalQuarter = ((Month(d) + 5) Mod 12) \ 3 + 1
End Function

Public Function WeekStart(d As Date) As Date
    WeekStart = d - Weekday(d, vbMonday) + 1
End Function

Public Function IsWeekend(d As Date) As Boolean
    Select Case Weekday(d)
        Case vbSaturday, vbSunday
            IsWeekend = True
    End Select
End Function

Public Function ProperCase(s As Variant) As Variant
    ProperCase = StrConv(s, vbProperCase)
End Function

Public Function TaxFor(curAmount As Currency) As Currency
    Select Case curAmount
        Case Is <= 0: TaxFor = 0
        Case 0.01 To 1000: TaxFor = curAmount * 0.1
        Case 1000.01 To 5000
            TaxFor = 100 + (curAmount - 1000) * TAX_RATE
        Case Else
            TaxFor = 860 + (curAmount - 5000) * 0.25
    End Select
End Function

Public Function AgeBracket(lngAge As Variant) As String
    Select Case lngAge
        Case Is < agAdult: AgeBracket = "Child"
        Case agAdult To agSenior - 1: AgeBracket = "Adult"
        Case Is >= agSenior: AgeBracket = "Senior"
        Case Else: AgeBracket = "Unknown"
    End Select
End Function

Public Function Bucket(n As Long, Optional size As Long = 10) As String
    Dim lo As Long
    lo = (n \ size) * size
    Bucket = lo & "-" & (lo + size - 1)
End Function

Public Function YesNoText(b As Boolean) As String
    If b Then
        YesNoText = "Yes"
    Else
        YesNoText = "No"
    End If
End Function

Public Function StripSpaces(s As Variant) As Variant
    If Not IsNull(s) Then StripSpaces = Replace(s, " ", "") Else StripSpaces = Null
End Function

Public Function ParseFirst(s As Variant) As String
    Dim pos As Integer
    ParseFirst = ""
    If IsNull(s) Then Exit Function
    pos = InStr(s, " ")
    If pos > 0 Then
        ParseFirst = Left$(s, pos - 1)
    Else
        ParseFirst = s
    End If
End Function

Public Function ParseLast(s As Variant) As Variant
    Dim p As Long
    p = InStrRev(Nz(s, ""), " ")
    ParseLast = Mid(Nz(s, ""), p + 1)
End Function

Public Function SafeDivide(a As Variant, b As Variant) As Variant
    If Nz(b, 0) = 0 Then
        SafeDivide = Null
    Else
        SafeDivide = a / b
    End If
End Function

Public Function Percent(part As Double, whole As Double) As Double
    Percent = Round(part / whole * 100, 1)
End Function

Public Function PadLeft(s As String, n As Integer, Optional c As String = "0") As String
    If Len(s) >= n Then PadLeft = s: Exit Function
    PadLeft = String(n - Len(s), c) & s
End Function

Public Function Initials(f As Variant, l As Variant) As String
    Initials = UCase(Left(Nz(f, "?"), 1) & Left(Nz(l, "?"), 1))
End Function

Public Function IsBlank(v As Variant) As Boolean
    IsBlank = (Len(Trim(v & "")) = 0)
End Function

Public Function Grade(score As Double) As String
    If score >= 90 Then
        Grade = "A"
    ElseIf score >= 80 Then
        Grade = "B"
    Else
        Grade = "F"
    End If
End Function

Public Function NextDue(d As Date, every As String) As Variant
    Select Case LCase(every)
        Case "weekly": NextDue = DateAdd("ww", 1, d)
        Case "monthly": NextDue = DateAdd("m", 1, d)
        Case "yearly", "annual": NextDue = DateAdd("yyyy", 1, d)
        Case Else: NextDue = Null
    End Select
End Function

Public Function RoundTo(x As Double, n As Integer) As Double
    RoundTo = Int(x * 10 ^ n + 0.5) / 10 ^ n
End Function

Public Function Overflowing(i As Integer) As Integer
    Overflowing = i * 100
End Function

Public Function Net(gross As Currency) As Double
    Net = gross / (1 + TAX_RATE)
End Function

Public Function Label(n As Variant) As String
    Label = MaxOf2(NullToZero(n), 0) & " pcs"
End Function

Public Function SameText(a As Variant, b As Variant) As Boolean
    SameText = (Nz(a, "") = Nz(b, ""))
End Function

Public Function Letter(s As Variant) As String
    Select Case Left(s & "", 1)
        Case "": Letter = "none"
        Case "A" To "M": Letter = "A-M"
        Case Else: Letter = "N-Z"
    End Select
End Function

Public Function Looks(s As Variant) As Boolean
    Looks = s Like "[A-C]##*"
End Function

Public Function Tidy(ByVal s As String) As String
    On Error GoTo Fehler
    s = Trim$(s)
    s = UCase$(Left$(s, 1)) & LCase$(Mid$(s, 2))
    Tidy = s
Ende:
    Exit Function
Fehler:
    MsgBox Err.Description
    Resume Ende
End Function

Public Function AgeNow(ByVal birth As Variant, Optional ByVal onDay As Variant) As Variant
    If IsMissing(onDay) Then onDay = Date
    If IsNull(birth) Or IsNull(onDay) Then AgeNow = Null: Exit Function
    AgeNow = DateDiff("yyyy", birth, onDay) + (Format(birth, "mmdd") > Format(onDay, "mmdd"))
End Function

Public Function Tier(amount As Currency) As String
    Select Case True
        Case amount >= 1000: Tier = "gold"
        Case amount >= 100, amount = -1: Tier = "silver"
        Case Else: Tier = "bronze"
    End Select
End Function

Public Function Sign(x As Variant) As Integer
    Sign = Switch(x > 0, 1, x < 0, -1, True, 0)
End Function

Public Function Half(n As Long) As Long
    Half = n / 2    ' rounds halves to even
End Function

Public Function Both(b As Boolean, n As Long) As Boolean
    Both = b And n > 0
End Function

' --- what is not converted ---------------------------------------------------------------------------------------------

Public Function DigitsOnly(s As Variant) As String
    Dim i As Integer
    For i = 1 To Len(s)
        If Mid(s, i, 1) Like "#" Then DigitsOnly = DigitsOnly & Mid(s, i, 1)
    Next i
End Function

Public Function CountCalls() As Long
    mlngCalls = mlngCalls + 1
    CountCalls = mlngCalls
End Function

Public Function Price(id As Long) As Variant
    Price = DLookup("Amount", "Orders", "ID=" & id)
End Function

Public Function Quiet(x As Variant) As Double
    On Error Resume Next
    Quiet = 1 / x
End Function

Public Function Talks(x As Variant) As Variant
    MsgBox "You see " & x
    Talks = x
End Function

Public Function Counter() As Long
    Static n As Long
    n = n + 1
    Counter = n
End Function

Public Function Opens(x As Variant) As Variant
    Dim rs As DAO.Recordset
    Set rs = CurrentDb.OpenRecordset("Orders")
    Opens = rs!ID
End Function

Private Function Hidden(x As Variant) As Variant
    Hidden = x
End Function

Public Function Factorial(n As Long) As Double
    If n <= 1 Then Factorial = 1 Else Factorial = n * Factorial(n - 1)
End Function
