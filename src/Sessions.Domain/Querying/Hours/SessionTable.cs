namespace Sessions.Domain.Querying.Hours;

/// <summary>The sessions that began in a range of time, column by column. A column is made when it is first asked for.</summary>
public sealed class SessionTable
{
    /// <summary>What stands where there is no number.</summary>
    public const long None = PackedNumbers.None;

    private readonly Slice[] _slices;
    private readonly Lazy<long[]> _starts;
    private readonly Lazy<int[]> _visitors;
    private readonly Lazy<long[]>[] _numbers;
    private readonly Lazy<int[]>[] _texts;

    /// <param name="from">The range's beginning, in microseconds since 1970.</param>
    /// <param name="to">Its end, exclusive.</param>
    /// <param name="hours">The hours that its sessions are in; others of them are left out.</param>
    /// <param name="persons">Who each visitor is, by their numbers; those beyond the end are themselves.</param>
    internal SessionTable(long from, long to, IEnumerable<PackedHour> hours, ReadOnlyMemory<int> persons)
    {
        (From, To) = (from, to);
        _slices = [.. Slices(hours, from, to)];
        Count = _slices.Sum(slice => slice.Length);
        _starts = new(() => Column<long>((hour, first, column) => hour.ReadStarts(first, column)));
        _visitors = new(() => Persons(persons.Span));
        _numbers =
        [
            .. HourColumns.Numbers.Select((_, place) => new Lazy<long[]>(
                () => Column<long>((hour, first, column) => hour.ReadNumbers(place, first, column)))),
        ];
        _texts =
        [
            .. HourColumns.Texts.Select((_, place) => new Lazy<int[]>(
                () => Column<int>((hour, first, column) => hour.ReadTexts(place, first, column)))),
        ];
    }

    private delegate void Reader<T>(PackedHour hour, int first, Span<T> column);

    /// <summary>How many sessions there are.</summary>
    public int Count { get; }

    /// <summary>When each began, in microseconds since 1970.</summary>
    public ReadOnlySpan<long> Starts => _starts.Value;

    /// <summary>Who had each: the visitor's number.</summary>
    public ReadOnlySpan<int> Visitors => _visitors.Value;

    internal long From { get; }

    internal long To { get; }

    /// <summary>A number of each; <see cref="None"/> where there is none.</summary>
    public ReadOnlySpan<long> Numbers(string property) => _numbers[HourColumns.NumberAt(property)].Value;

    /// <summary>A text of each, by its code; zero where there is none.</summary>
    public ReadOnlySpan<int> Texts(string property) => _texts[HourColumns.TextAt(property)].Value;

    private static IEnumerable<Slice> Slices(IEnumerable<PackedHour> hours, long from, long to)
    {
        foreach (PackedHour hour in hours)
        {
            int first = hour.FirstAtOrAfter(from);
            int length = hour.FirstAtOrAfter(to) - first;
            if (length > 0)
            {
                yield return new Slice(hour, first, length);
            }
        }
    }

    private T[] Column<T>(Reader<T> read)
    {
        T[] column = GC.AllocateUninitializedArray<T>(Count);
        int at = 0;
        foreach (Slice slice in _slices)
        {
            read(slice.Hour, slice.First, column.AsSpan(at, slice.Length));
            at += slice.Length;
        }

        return column;
    }

    private int[] Persons(ReadOnlySpan<int> persons)
    {
        int[] column = Column<int>((hour, first, its) => hour.ReadVisitors(first, its));
        foreach (ref int visitor in column.AsSpan())
        {
            visitor = visitor < persons.Length ? persons[visitor] : visitor;
        }

        return column;
    }

    private readonly record struct Slice(PackedHour Hour, int First, int Length);
}
