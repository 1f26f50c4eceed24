using System.Buffers.Binary;

namespace Sessions.Domain.Querying.Hours;

/// <summary>What is wanted of each session besides its start.</summary>
/// <param name="Numbers">The numbers, by their names in <see cref="HourColumns.Numbers"/>.</param>
/// <param name="Texts">The texts, by their names in <see cref="HourColumns.Texts"/>.</param>
/// <param name="Visitors">Whether it matters who had it.</param>
public sealed record WantedColumns(IReadOnlySet<string> Numbers, IReadOnlySet<string> Texts, bool Visitors);

/// <summary>Puts the sessions of hours, and single ones, into the tables of the ranges in which they began.</summary>
public sealed class SessionTables
{
    private const int LeastSize = 64;

    private readonly VisitorNumbers _visitors = new();
    private readonly TextCodes?[] _codes;
    private readonly SessionTable[] _tables;
    private readonly bool[] _numbersWanted;
    private readonly bool _visitorsWanted;
    private long[] _column = new long[1024];
    private int[] _codesOfHour = new int[256];

    /// <param name="ranges">The ranges, in microseconds since 1970, their ends exclusive. They may overlap.</param>
    /// <param name="wanted">What is wanted of each session.</param>
    /// <param name="size">How many sessions there will be in all ranges together, as far as is known.</param>
    public SessionTables(IEnumerable<(long From, long To)> ranges, WantedColumns wanted, int size = 0)
    {
        (IReadOnlySet<string> numbers, IReadOnlySet<string> texts) = (wanted.Numbers, wanted.Texts);
        (long From, long To)[] distinct = [.. ranges.Distinct()];
        int each = LeastSize + (int)(size * 1.05 / Math.Max(1, distinct.Length));
        _tables = [.. distinct.Select(range => new SessionTable(range.From, range.To, numbers, texts, each))];
        _visitorsWanted = wanted.Visitors;
        _numbersWanted = [.. HourColumns.Numbers.Select(numbers.Contains)];
        _codes = [.. HourColumns.Texts.Select(name => texts.Contains(name) ? new TextCodes() : null)];
    }

    /// <summary>How many visitors there are, in all ranges together.</summary>
    public int Visitors => _visitors.Count;

    /// <summary>How many sessions there are, in all ranges together.</summary>
    public int Count => _tables.Sum(table => table.Count);

    /// <summary>The texts by their codes.</summary>
    public IReadOnlyList<string?> TextsOf(string property) => _codes[HourColumns.TextAt(property)]!.Texts;

    /// <summary>The table of a range.</summary>
    public SessionTable Of(long from, long to) => _tables.First(table => table.From == from && table.To == to);

    /// <summary>Adds one session.</summary>
    public void Add(HourRow row)
    {
        int visitor = -1;
        foreach (SessionTable table in _tables)
        {
            if (row.Start < table.From || row.Start >= table.To)
            {
                continue;
            }

            int at = table.Extend(1);
            table.StartsFrom(at)[0] = row.Start;
            if (_visitorsWanted)
            {
                visitor = visitor >= 0 ? visitor : _visitors.Add(VisitorDigest.Of(row.DistinctId));
                table.VisitorsFrom(at)[0] = visitor;
            }

            for (int place = 0; place < _numbersWanted.Length; place++)
            {
                if (_numbersWanted[place])
                {
                    table.NumbersFrom(place, at)[0] = row.Numbers[place] ?? SessionTable.None;
                }
            }

            for (int place = 0; place < _codes.Length; place++)
            {
                if (_codes[place] is { } codes)
                {
                    table.TextsFrom(place, at)[0] = codes.Add(row.Texts[place]);
                }
            }
        }
    }

    /// <summary>Adds the sessions of an hour, as <see cref="HourWriter"/> wrote them.</summary>
    public void Add(ReadOnlySpan<byte> hour)
    {
        int count = BinaryPrimitives.ReadInt32LittleEndian(hour);
        hour = hour[sizeof(int)..];
        if (count > _column.Length)
        {
            _column = new long[count * 2];
        }

        Span<long> column = _column.AsSpan(0, count);
        hour = ReadNumbers(hour, column);
        Span<(SessionTable Table, int From, int Length, int At)> slices = new (SessionTable, int, int, int)[_tables.Length];
        int used = 0;
        foreach (SessionTable table in _tables)
        {
            int from = FirstAtOrAfter(column, table.From);
            int length = FirstAtOrAfter(column, table.To) - from;
            if (length > 0)
            {
                int at = table.Extend(length);
                column.Slice(from, length).CopyTo(table.StartsFrom(at));
                slices[used++] = (table, from, length, at);
            }
        }

        slices = slices[..used];
        if (used == 0)
        {
            return;
        }

        if (_visitorsWanted)
        {
            AddVisitors(hour, slices);
        }

        hour = hour[(count * VisitorDigest.Size)..];
        for (int place = 0; place < _numbersWanted.Length; place++)
        {
            if (!_numbersWanted[place])
            {
                hour = hour[PackedNumbers.Size(hour, count)..];
                continue;
            }

            hour = ReadNumbers(hour, column);
            foreach ((SessionTable table, int from, int length, int at) in slices)
            {
                column.Slice(from, length).CopyTo(table.NumbersFrom(place, at));
            }
        }

        for (int place = 0; place < _codes.Length; place++)
        {
            hour = AddTexts(hour, place, column, slices);
        }
    }

    /// <summary>Takes visitors who are one person for one.</summary>
    /// <param name="persons">The digests of ids, and of the ids of the persons behind them.</param>
    public void Join(IEnumerable<(UInt128 Id, UInt128 Person)> persons)
    {
        int before = _visitors.Count;
        int[] person = new int[before];
        for (int visitor = 0; visitor < before; visitor++)
        {
            person[visitor] = visitor;
        }

        bool isAny = false;
        foreach ((UInt128 id, UInt128 its) in persons)
        {
            if (_visitors.Known(id) is { } visitor && visitor < before)
            {
                person[visitor] = _visitors.Add(its);
                isAny = true;
            }
        }

        if (!isAny)
        {
            return;
        }

        foreach (SessionTable table in _tables)
        {
            foreach (ref int visitor in table.VisitorsFrom(0))
            {
                visitor = person[visitor];
            }
        }
    }

    private void AddVisitors(
        ReadOnlySpan<byte> digests, ReadOnlySpan<(SessionTable Table, int From, int Length, int At)> slices)
    {
        foreach ((SessionTable table, int from, int length, int at) in slices)
        {
            Span<int> its = table.VisitorsFrom(at);
            for (int row = 0; row < length; row++)
            {
                its[row] = _visitors.Add(BinaryPrimitives.ReadUInt128LittleEndian(digests[((from + row) * VisitorDigest.Size)..]));
            }
        }
    }

    private static ReadOnlySpan<byte> ReadNumbers(ReadOnlySpan<byte> hour, Span<long> column)
    {
        PackedNumbers.Read(hour, column);
        return hour[PackedNumbers.Size(hour, column.Length)..];
    }

    private ReadOnlySpan<byte> AddTexts(
        ReadOnlySpan<byte> hour, int place, Span<long> column, ReadOnlySpan<(SessionTable Table, int From, int Length, int At)> slices)
    {
        TextCodes? codes = _codes[place];
        int texts = BinaryPrimitives.ReadInt32LittleEndian(hour);
        hour = hour[sizeof(int)..];
        if (texts > _codesOfHour.Length)
        {
            _codesOfHour = new int[texts * 2];
        }

        for (int text = 0; text < texts; text++)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(hour);
            if (codes is not null)
            {
                _codesOfHour[text] = codes.Add(hour.Slice(sizeof(int), length));
            }

            hour = hour[(sizeof(int) + length)..];
        }

        if (codes is null)
        {
            return hour[PackedNumbers.Size(hour, column.Length)..];
        }

        hour = ReadNumbers(hour, column);
        foreach ((SessionTable table, int from, int length, int at) in slices)
        {
            Span<int> its = table.TextsFrom(place, at);
            for (int row = 0; row < length; row++)
            {
                long code = column[from + row];
                its[row] = code == PackedNumbers.None ? 0 : _codesOfHour[code];
            }
        }

        return hour;
    }

    private static int FirstAtOrAfter(ReadOnlySpan<long> sorted, long time)
    {
        (int low, int high) = (0, sorted.Length);
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = sorted[middle] < time ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
