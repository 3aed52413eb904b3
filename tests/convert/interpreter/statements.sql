SELECT ID, n+i AS r, n-i AS r2, n*i AS r3, n/i AS r4 FROM V WHERE i<>0
SELECT ID, n\2 AS a, n Mod 3 AS b, n^2 AS c, -n AS d FROM V
SELECT ID, x*c AS a, s*c AS b, x+c AS d, s+c AS e, dc*c AS f, dc+x AS g FROM V
SELECT ID, c/3 AS a, c*1.5 AS b, c*2 AS d, c+0.00005 AS e FROM V
SELECT ID, t & n AS a, t+t2 AS b, t & Null AS e, n & x & c & d & f AS g FROM V
SELECT ID, x & '' AS a, s & '' AS b, c & '' AS e, dc & '' AS f, d & '' AS g, f & '' AS h FROM V
SELECT ID, d+1 AS a, d-1 AS b, d+0.5 AS e, d-d2 AS f, d2-0.25 AS g FROM V
SELECT ID, CDbl(d) AS a, CLng(d) AS b, Int(d) AS e, d*1 AS f FROM V
SELECT ID, f+1 AS a, f*5 AS b, -f AS e, Not f AS g, f And True AS h FROM V
SELECT ID, IIf(f,'yes','no') AS a, IIf(n>0,n,0) AS b, IIf(t='ada',1,Null) AS e FROM V
SELECT ID, Nz(n) AS a, Nz(t) AS b, Nz(n,0)+1 AS e, Nz(t,'none') & '!' AS g FROM V
SELECT ID, Nz(n,'none') AS a FROM V
SELECT ID, Switch(n>5,'big',n>0,'small') AS a, Choose(ID,'a','b','c') AS b FROM V
SELECT ID, Round(x) AS a, Round(x,1) AS b, Round(c,1) AS e, Round(dc,2) AS g, Int(x) AS h, Fix(x) AS k FROM V
SELECT ID, CInt(x) AS a, CLng(c) AS b, CCur(x) AS e, CSng(x) AS g, CStr(n) AS h FROM V WHERE x Is Not Null
SELECT ID, CBool(n) AS a, CByte(Abs(i)/1000) AS b, CDbl(c) AS e FROM V WHERE n Is Not Null
SELECT ID, Sgn(n) AS a, Abs(x) AS b, Sqr(Abs(x)) AS e, Exp(x) AS g, Log(b+1) AS h FROM V
SELECT ID, Sin(x) AS a, Cos(x) AS b, Tan(x) AS e, Atn(x) AS g FROM V
SELECT ID, Len(t) AS a, Len(n) AS b, Len(d) AS e, Len(t2) AS g FROM V
SELECT ID, Left(t,2) AS a, Right(t,2) AS b, Mid(t,2,1) AS e, Mid(t,2) AS g FROM V
SELECT ID, UCase(t) AS a, LCase(t) AS b, Trim(t2) AS e, LTrim(t2) & '|' AS g, RTrim(t2) & '|' AS h FROM V
SELECT ID, InStr(t,'a') AS a, InStr(1,t,'A',0) AS b, InStr(2,t,'a') AS e, InStrRev(t,'a') AS g FROM V
SELECT ID, Replace(t,'a','x') AS a, Replace(t2,' ','') AS b FROM V WHERE t Is Not Null
SELECT ID, StrComp(t,t2) AS a, StrComp(t,'ADA',0) AS b, StrReverse(t) AS e FROM V WHERE t Is Not Null
SELECT ID, Asc(t) AS a, Chr(65+ID) AS b, Space(ID) & '|' AS e, String(ID,'x') AS g FROM V WHERE t Is Not Null
SELECT ID, StrConv(t,1) AS a, StrConv(t,3) AS b FROM V
SELECT ID, Val(t) AS a, Val(t2) AS b FROM V WHERE t Is Not Null
SELECT ID, Str(n) AS a, Str(x) AS b, Hex(b) AS e, Oct(b) AS g FROM V
SELECT ID, Hex(n) AS a, Hex(i) AS b FROM V
SELECT ID, Year(d) AS a, Month(d) AS b, Day(d) AS e, Hour(d) AS g, Minute(d) AS h, Second(d) AS k FROM V
SELECT ID, Weekday(d) AS a, Weekday(d,2) AS b, DatePart('ww',d) AS e, DatePart('y',d) AS g, DatePart('q',d) AS h FROM V
SELECT ID, DatePart('ww',d,2,2) AS a, DatePart('ww',d,1,3) AS b FROM V
SELECT ID, DateAdd('m',1,d) AS a, DateAdd('d',-1,d) AS b, DateAdd('h',5,d) AS e, DateAdd('yyyy',1,d) AS g, DateAdd('ww',2,d) AS h FROM V
SELECT ID, DateAdd('q',1,d) AS a, DateAdd('n',90,d) AS b, DateAdd('s',-30,d) AS e FROM V
SELECT ID, DateDiff('d',d,d2) AS a, DateDiff('m',d,d2) AS b, DateDiff('yyyy',d,d2) AS e, DateDiff('h',d,d2) AS g FROM V
SELECT ID, DateDiff('ww',d,d2) AS a, DateDiff('w',d,d2) AS b, DateDiff('n',d,d2) AS e, DateDiff('s',d,d2) AS g, DateDiff('q',d,d2) AS h FROM V
SELECT ID, DateValue(d) AS a, TimeValue(d) AS b FROM V
SELECT ID, DateSerial(Year(d),Month(d)+1,0) AS a, DateSerial(Year(d),Month(d),1-Weekday(d)) AS b FROM V
SELECT ID, TimeSerial(ID,30,0) AS a, MonthName(ID) AS b, WeekdayName(ID) AS e FROM V
SELECT ID, Format(d,'yyyy-mm-dd hh:nn:ss') AS a, Format(d,'d mmmm yyyy') AS b, Format(d,'ddd') AS e, Format(d,'Short Date') AS g FROM V
SELECT ID, Format(d,'Long Date') AS a, Format(d,'Medium Date') AS b, Format(d,'General Date') AS e, Format(d,'Long Time') AS g FROM V
SELECT ID, Format(n,'#,##0') AS a, Format(x,'0.00') AS b, Format(c,'Currency') AS e, Format(c,'Standard') AS g, Format(x,'Percent') AS h FROM V
SELECT ID, Format(n,'0;(0);zero;null') AS a, Format(x,'#.##') AS b, Format(c,'0000.0') AS e FROM V
SELECT ID, Format(t,'>') AS a, Format(t,'@@@@@@') AS b, Format(f,'Yes/No') AS e, Format(f,'True/False') AS g FROM V
SELECT ID, Format(x,'Scientific') AS a, Format(n,'Fixed') AS b, FormatNumber(c,2) AS e, FormatCurrency(c) AS g FROM V
SELECT ID, FormatPercent(x) AS a, FormatDateTime(d,2) AS b FROM V
SELECT ID, Partition(b,0,250,50) AS a FROM V
SELECT ID, IsNull(t) AS a, IsNumeric(t) AS b, IsDate(t) AS e, IsNumeric(n) AS g FROM V
SELECT ID, TypeName(n) AS a, VarType(t) AS b FROM V
SELECT ID, n Between 0 And 10 AS a, n Between 10 And 0 AS b, t Like 'a*' AS e, t In ('ada','bob') AS g FROM V
SELECT ID FROM V WHERE n Between 10 And 0
SELECT ID FROM V WHERE t Like '[A-C]*'
SELECT ID FROM V WHERE t Like '*[[]x]%'
SELECT ID FROM V WHERE t2 Like '*#*'
SELECT ID FROM V WHERE t2 Like '*[#]*'
SELECT ID FROM V WHERE t2 Like 'a?c*' Or t2 Like '##.*'
SELECT ID FROM V WHERE t Not Like '[!a-z]*'
SELECT ID FROM V WHERE t='ADA'
SELECT ID FROM V WHERE t2='abc'
SELECT ID FROM V WHERE t2=''
SELECT ID FROM V WHERE t<>'ada'
SELECT ID FROM V WHERE Not t='ada'
SELECT ID FROM V WHERE n>0 And Not f
SELECT ID FROM V WHERE n>0 Xor f
SELECT ID FROM V WHERE n>0 Eqv f
SELECT ID FROM V WHERE n>0 Imp f
SELECT ID FROM V WHERE f
SELECT ID FROM V WHERE f=True And n
SELECT ID FROM V WHERE d>#1/1/2024#
SELECT ID FROM V WHERE d Between #1/1/2024# And #12/31/2024#
SELECT ID FROM V WHERE Year(d)=2024 And Month(d)=2
SELECT ID FROM V WHERE t>'b'
SELECT ID, t FROM V ORDER BY t DESC, ID
SELECT TOP 3 ID FROM V ORDER BY n DESC
SELECT TOP 2 ID FROM V ORDER BY ID
SELECT TOP 50 PERCENT ID FROM V ORDER BY ID
SELECT DISTINCT Customer FROM Orders
SELECT DISTINCT Region, Paid FROM Orders
SELECT Count(*) AS a, Count(Amount) AS b, Sum(Amount) AS e, Avg(Amount) AS g, Min(Amount) AS h, Max(Amount) AS k FROM Orders
SELECT Customer, Count(*) AS a, Sum(Qty) AS b, Avg(Qty) AS e, Max(Placed) AS g FROM Orders GROUP BY Customer
SELECT Paid, Sum(Amount) AS a, Min(Customer) AS b, StDev(Amount) AS e, Var(Qty) AS g FROM Orders GROUP BY Paid
SELECT Region, Count(*) AS a FROM Orders GROUP BY Region HAVING Count(*)>1
SELECT Year(Placed) AS y, Sum(Qty*Amount) AS a FROM Orders GROUP BY Year(Placed) ORDER BY Sum(Qty*Amount) DESC
SELECT Sum(Paid) AS a, Min(Paid) AS b, Max(Paid) AS e, Avg(Paid) AS g FROM Orders
SELECT Sum(f) AS a, Sum(x) AS b, Sum(s) AS e, Sum(dc) AS g, Avg(dc) AS h, Avg(s) AS k FROM V
SELECT Min(d) AS a, Max(d) AS b, Min(t) AS e, Max(t2) AS g FROM V
SELECT Avg(d) AS a FROM V WHERE ID>5
SELECT Sum(Amount) AS a FROM Orders WHERE 1=0
SELECT Customer, Sum(Amount) AS a FROM Orders WHERE 1=0 GROUP BY Customer
SELECT o.ID, l.Product, l.Qty FROM Orders AS o INNER JOIN Lines AS l ON o.ID=l.OrderID
SELECT o.ID, l.Product FROM Orders AS o LEFT JOIN Lines AS l ON o.ID=l.OrderID
SELECT o.ID, l.Product FROM Orders AS o RIGHT JOIN Lines AS l ON o.ID=l.OrderID
SELECT o.ID, l.Product, p.Price FROM (Orders AS o LEFT JOIN Lines AS l ON o.ID=l.OrderID) LEFT JOIN Products AS p ON l.Product=p.[Product Name]
SELECT p.ID, q.First FROM People AS p LEFT JOIN People AS q ON p.BossID=q.ID
SELECT a.ID, b.ID FROM People AS a INNER JOIN People AS b ON a.Salary<b.Salary
SELECT a.ID, b.ID FROM People AS a, People AS b WHERE a.Dept=b.Dept AND a.ID<b.ID
SELECT p.[Product Name], c.CategoryName FROM Products AS p, Categories AS c WHERE p.CategoryID=c.ID
SELECT c.CategoryName, Count(p.ID) AS n, Sum(p.Price) AS s FROM Categories AS c LEFT JOIN Products AS p ON c.ID=p.CategoryID GROUP BY c.CategoryName
SELECT o.ID, Sum(l.Qty*l.Price*(1-l.Disc)) AS t FROM Orders AS o INNER JOIN Lines AS l ON o.ID=l.OrderID GROUP BY o.ID
SELECT ID FROM Orders WHERE ID IN (SELECT OrderID FROM Lines WHERE Qty>3)
SELECT ID FROM Orders WHERE ID NOT IN (SELECT OrderID FROM Lines)
SELECT ID FROM Orders AS o WHERE EXISTS (SELECT * FROM Lines AS l WHERE l.OrderID=o.ID AND l.Product='Pen')
SELECT ID FROM Orders AS o WHERE NOT EXISTS (SELECT * FROM Lines WHERE OrderID=o.ID)
SELECT ID FROM Orders WHERE Amount>(SELECT Avg(Amount) FROM Orders)
SELECT ID FROM Orders WHERE Amount>=ALL (SELECT Amount FROM Orders WHERE Amount Is Not Null)
SELECT ID FROM Orders WHERE Amount>ANY (SELECT Salary/100 FROM People)
SELECT ID, (SELECT Count(*) FROM Lines WHERE OrderID=Orders.ID) AS n FROM Orders
SELECT ID, (SELECT Max(o.Placed) FROM Orders AS o WHERE o.Placed<Orders.Placed) AS prev FROM Orders
SELECT q.Customer, q.s FROM (SELECT Customer, Sum(Amount) AS s FROM Orders GROUP BY Customer) AS q WHERE q.s>50
SELECT Customer FROM Orders UNION SELECT First FROM People
SELECT Customer FROM Orders UNION ALL SELECT First FROM People
SELECT ID AS k FROM Orders UNION SELECT Customer FROM Orders
SELECT ID, Amount FROM Orders UNION SELECT ID, Price FROM Products ORDER BY Amount DESC
SELECT Paid FROM Orders UNION SELECT Qty FROM Orders
SELECT Placed FROM Orders UNION SELECT Region FROM Orders
SELECT ID, DLookup('CategoryName','Categories','ID=' & Nz(CategoryID,0)) AS a FROM Products
SELECT ID, DCount('*','Lines','OrderID=' & ID) AS a, DSum('Qty','Lines','OrderID=' & ID) AS b FROM Orders
SELECT ID, DMax('Placed','Orders') AS a, DMin('Amount','Orders','Paid=True') AS b, DAvg('Qty','Orders') AS e FROM Categories
SELECT ID, DCount('*','Orders','Placed>#' & Format(Placed,'mm/dd/yyyy') & '#') AS a FROM Orders WHERE Placed Is Not Null
SELECT ID, DLookup('First','People','Dept=''' & Dept & ''' And ID<>' & ID) AS a FROM People WHERE ID<3
TRANSFORM Sum(Amount) SELECT Customer FROM Orders GROUP BY Customer PIVOT Region
TRANSFORM Count(*) SELECT Dept FROM People GROUP BY Dept PIVOT Active
TRANSFORM Sum(Qty) SELECT Product, Count(*) AS n FROM Lines GROUP BY Product PIVOT OrderID IN (1,2,3)
TRANSFORM Avg(Amount) SELECT Paid, Sum(Amount) AS total FROM Orders GROUP BY Paid PIVOT Format(Placed,'yyyy-mm')
TRANSFORM First(Customer) SELECT Region FROM Orders GROUP BY Region PIVOT Year(Placed)
TRANSFORM Nz(Sum(Qty),0) SELECT Customer FROM Orders GROUP BY Customer PIVOT Paid
SELECT n AS a, a+1 AS b, b*2 AS e FROM V
SELECT ID, ID & '-' & t AS Label FROM V ORDER BY ID DESC
SELECT *, Amount*2 AS dbl FROM Orders
SELECT Orders.*, Lines.Product FROM Orders INNER JOIN Lines ON Orders.ID=Lines.OrderID
SELECT DISTINCTROW Orders.Customer FROM Orders INNER JOIN Lines ON Orders.ID=Lines.OrderID
SELECT [Part #], [Unit/Price], [Is It?], Größe FROM [Order Details 2024]
SELECT ID, [Name] & [Group] AS a, [Year]+1 AS b FROM [Order Details 2024]
SELECT ID FROM Orders WHERE Region Is Null Or Region=''
SELECT ID FROM Orders WHERE Len(Region & '')=0
SELECT ID FROM Orders WHERE Placed=#1/31/2024 11:15:00 PM#
SELECT ID FROM Orders WHERE Int(Placed)=#1/31/2024#
SELECT ID FROM Orders WHERE Amount=75.25
SELECT ID FROM V WHERE x=0.5
SELECT ID FROM V WHERE s=0.1
SELECT ID, s=0.1 AS a, s*10 AS b, s*s AS e FROM V
SELECT ID, First & ' ' & Last AS full, First+' '+Last AS f2 FROM People
SELECT ID, DateDiff('yyyy',Born,#6/30/2024#) AS a, Int((#6/30/2024#-Born)/365.25) AS b FROM People
SELECT Dept, Sum(IIf(Active,1,0)) AS a, Sum(Active*-1) AS b, Count(IIf(Active,1,Null)) AS e, -Sum(Active) AS g FROM People GROUP BY Dept
SELECT Dept, Max(Salary)-Min(Salary) AS a, Sum(Salary)/Count(*) AS b FROM People GROUP BY Dept
SELECT Dept, Sum(Salary) AS s, Format(Sum(Salary)/DSum('Salary','People'),'0.0%') AS p FROM People GROUP BY Dept
SELECT IIf(Amount>50,'hi','lo') AS k, Count(*) AS n FROM Orders GROUP BY IIf(Amount>50,'hi','lo')
SELECT Left(Customer,1) AS k, Count(*) AS n FROM Orders GROUP BY Left(Customer,1)
SELECT Format(Placed,'yyyy') AS y, Count(*) AS n FROM Orders GROUP BY Format(Placed,'yyyy')
SELECT Int(Placed) AS y, Count(*) AS n FROM Orders GROUP BY Int(Placed)
SELECT Last(Customer) AS a, First(Customer) AS b FROM Orders
SELECT Paid, First(ID) AS a, Last(ID) AS b FROM Orders GROUP BY Paid
SELECT ID, Pmt(0.05/12,24,-Salary) AS a, PV(0.01,12,-100) AS b, SLN(Salary,100,5) AS e FROM People
SELECT ID, (n>0)+1 AS a, (n>0) & '' AS b, Abs(n>0) AS e FROM V
SELECT ID, n & '' = '7' AS a FROM V
SELECT ID, Nz(n>0, False) AS a, IIf(n>0 Or Null,1,2) AS b FROM V
SELECT ID, 7/2 AS a, 7\2 AS b, -7\2 AS e, 7.5\2 AS g, 2^10 AS h, -2^2 AS k FROM Categories
SELECT ID, 1/3 AS a, CCur(1)/3 AS b, 10/4*4 AS e, 32767+1 AS g, 100000*100000 AS h FROM Categories
SELECT ID, 'O''Neil' & "say ""hi""" AS a FROM Categories
SELECT ID, &HFF AS a, &H8000 AS b, 1E3 AS e, .5 AS g FROM Categories
SELECT ID, #12:30# AS a, #1/2/2024 3:04:05 PM# AS b, #2024-02-29# AS e FROM Categories
SELECT ID, CDate('2024-02-29') AS a, CDate('Feb 3, 2024') AS b, DateValue('1/2/2024') AS e, TimeValue('3:45 PM') AS g FROM Categories
SELECT ID, CVar(n) AS a, Rnd(1)*0 AS b FROM V
SELECT ID, IIf(x=0,0,1/x) AS a FROM V
SELECT ID, n/0 AS a FROM V WHERE 1=0
SELECT ID, Mid(t2,InStr(t2,'.')+1) AS a, Left(t2,InStr(t2 & ' ',' ')-1) AS b FROM V WHERE t2 Is Not Null
SELECT ID, Left(First & 'xx',InStr(First & 'xx','x')) AS a FROM People
SELECT A.ID, B.n FROM Orders AS A INNER JOIN (SELECT OrderID, Count(*) AS n FROM Lines GROUP BY OrderID) AS B ON A.ID=B.OrderID
SELECT TOP 1 Customer, Amount FROM Orders WHERE Amount Is Not Null ORDER BY Amount DESC
SELECT ID FROM Orders WHERE Customer IN ('Ann','Bob') AND Not Paid
SELECT ID FROM Orders WHERE Customer Not In ('Ann','Bob')
SELECT ID FROM Orders WHERE Qty In (SELECT Qty FROM Lines)
SELECT Customer, (SELECT TOP 1 o.ID FROM Orders AS o WHERE o.Customer=Orders.Customer ORDER BY o.ID DESC) AS lastid FROM Orders
SELECT p.ID, (SELECT Count(*)+1 FROM People AS q WHERE q.Salary>p.Salary) AS rk FROM People AS p
SELECT ID, Amount, (SELECT Sum(o.Amount) FROM Orders AS o WHERE o.ID<=Orders.ID) AS run FROM Orders
SELECT DISTINCT Dept FROM People WHERE Salary>2500 ORDER BY Dept DESC
SELECT Count(*) AS n FROM (SELECT DISTINCT Customer FROM Orders)
SELECT Sum(Amount) AS s FROM Orders HAVING Sum(Amount)>1000
SELECT Weekday(Placed,2) AS w, Count(*) AS n FROM Orders GROUP BY Weekday(Placed,2) HAVING Count(*)>=1 ORDER BY 1
SELECT IIf([Region] Is Null,'?',[Region]) AS g, Sum(Amount) AS s FROM Orders GROUP BY IIf([Region] Is Null,'?',[Region])
SELECT ID, n, IIf(n Mod 2=0,'even','odd') AS p FROM V WHERE n Is Not Null
SELECT ID, Replace(Replace(Nz(Phone,''),'-',''),' ','') AS p FROM People
SELECT ID, IIf(Phone Like '(*',Mid(Phone,2,2),'none') AS p FROM People
SELECT ID, Val(Nz(Phone,'0')) AS p, IsNumeric(Phone) AS q FROM People
SELECT ID, CLng(Phone) AS p FROM People WHERE IsNumeric(Phone)
SELECT People.Dept, Avg(People.Score) AS a, StDevP(Score) AS b, VarP(Score) AS e FROM People GROUP BY People.Dept
